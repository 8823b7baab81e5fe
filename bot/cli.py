"""`damso NOUN VERB`: results to stdout, talk to stderr; exit 0 done, 1 refused or failed, 2 wrong use."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import bank, demo, embedded, exports, logs, models, nlu, reports
from bot.app import Damso, build, now
from bot.clock import run_clock
from bot.settings import Settings
from bot.supervisor import damso, supervise
from bot.swapping import keep_nlu
from bot.web import create_app
from bot.worker import run_worker
from flows import (
    accounts,
    announcing,
    answering,
    citizens,
    commitments,
    delivering,
    indicators,
    meaning,
    privacy,
    suggesting,
)
from flows.accounts import Role
from flows.city import Both, day, set_zone, zone
from flows.errors import FlowError
from flows.messages import clean
from flows.routes import BUTTONS, ROUTES
from flows.sheets import read_sheets
from flows.store import Database, migrate
from flows.store.keeping import DEMO, kept

SWAPPED_WITHIN_S = 150.0
PROGRESS_COLUMNS = 30
SCORES = {
    "right": "right and sure",
    "right_first": "right guess first",
    "right_in_three": "right guess among three",
    "wrong_but_sure": "wrong but sure",
    "refused": "out of scope refused",
}
CONTEXT = {"help_option_names": ["-h", "--help"]}


class Commands(click.Group):
    """Says what was refused in a sentence, and exits with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FlowError as refused:
            raise click.ClickException(str(refused)) from refused


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option("0.1.0", prog_name="damso")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Damso (담소): a bilingual civic chatbot for a city's open government action plan."""
    try:
        ctx.obj = Settings()
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in wrong.errors()]
        raise click.ClickException("Settings that cannot be used:\n" + "\n".join(lines)) from wrong
    if ctx.obj.tz_name:
        set_zone(ctx.obj.tz_name)
    logs.configure(json=ctx.obj.log_json)


# --- the processes ---------------------------------------------------------------------------------------------------


@main.command()
@click.option("--demo", "as_demo", is_flag=True, help="With made-up milestones, suggestions and updates, marked so.")
@click.pass_obj
def run(settings: Settings, as_demo: bool) -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    with ExitStack() as stack:
        stack.enter_context(embedded.held(settings.data_dir))
        if settings.database_url:
            url = settings.database_url.get_secret_value()
        else:
            if embedded.running_as_root():
                click.echo("Running as root: PostgreSQL runs as a user of its own. Better not to be root.", err=True)
            url = stack.enter_context(embedded.started(settings.data_dir))
        _prepare(url, as_demo=as_demo)
        env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(settings.data_dir.resolve())}
        others: list[Callable[[asyncio.Event], Coroutine[None, None, None]]] = []
        if not settings.database_url:
            others.append(partial(embedded.keep_running, settings.data_dir))
        if settings.nlu_url is None:
            if not nlu.model_path(settings.data_dir).exists():
                click.echo("Training the intent model, once for these inputs. This takes a minute or two.", err=True)
            others.append(partial(keep_nlu, settings.data_dir, nlu.ensure_model(settings.data_dir)))
        children = [damso(name, env) for name in ("web", "worker", "clock")]
        _print_addresses(settings)
        asyncio.run(supervise(children, *others))


@main.command()
@click.pass_obj
def web(settings: Settings) -> None:
    """The web server: chat, pages, open data; also polls Telegram when its token is set."""

    async def serve(parts: Damso) -> None:
        config = uvicorn.Config(
            create_app(parts), host=settings.host, port=settings.port, log_config=None, access_log=False
        )
        async with asyncio.TaskGroup() as group:
            if parts.telegram:
                polling = group.create_task(parts.telegram.poll(parts.conversation, parts.db, parts.now))
            server = OurServer(config)
            try:
                await server.serve()
            finally:
                if parts.telegram:
                    polling.cancel()

    _run_with_parts(settings, serve)


class OurServer(uvicorn.Server):
    """uvicorn without its own signal handlers, which raise the signal again after the shutdown."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        yield

    def _leave(self) -> None:
        self.should_exit = True


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """The worker: sends what is owed."""
    url = _database_url(settings)
    _run_with_parts(settings, lambda parts: _until_stopped(run_worker(parts, url)))


@main.command()
@click.pass_obj
def clock(settings: Settings) -> None:
    """The clock: notices what is due."""
    _run_with_parts(settings, lambda parts: _until_stopped(run_clock(parts)))


@main.command("migrate")
@click.pass_obj
def migrate_command(settings: Settings) -> None:
    """Bring the database to this version and load the content."""
    with _database(settings) as url:
        _prepare(url, as_demo=False)
        click.echo("The database is up to date.", err=True)


# --- the intent model ------------------------------------------------------------------------------------------------


@main.group("nlu")
def nlu_group() -> None:
    """The intent model."""


@nlu_group.command()
@click.option(
    "--margin",
    type=click.FloatRange(0, 100),
    default=reports.MARGIN_POINTS,
    show_default=True,
    help="By how many points of a hundred a language's score may fall.",
)
@click.option("--no-activate", is_flag=True, help="Only keep the model and its report, for staff to look at first.")
@click.pass_obj
def train(settings: Settings, margin: float, no_activate: bool) -> None:
    """Train on the inputs and on the examples accepted in the console; print where the model is.

    With new examples, the model is put to use only if on the held-out sentences no language's score falls by more
    than the margin. A running service changes to it without losing a request; `damso nlu rollback` goes back.
    Whether put to use or not, the model is kept with its report: `damso nlu show`.
    """
    data_dir = settings.data_dir
    in_use = nlu.ensure_model(data_dir)
    taught = _taught_by_staff(settings)
    learnt = None if taught is None else models.keep_examples(data_dir, *taught)
    candidate = nlu.ensure_model(data_dir, learnt)
    if candidate != in_use:
        report = bank.evaluate(data_dir, candidate, in_use, at=now())
        bank.drop_old(data_dir)
        click.echo("\n".join(_scores_in_words(report)), err=True)
        if not no_activate:
            reports.judge(report, margin)
            models.activate(data_dir, candidate, before=in_use, inputs=nlu.inputs_hash())
            _wait_for_swap(settings, candidate)
    click.echo(candidate)


@nlu_group.command("evaluate")
@click.argument("name")
@click.pass_obj
def evaluate_model(settings: Settings, name: str) -> None:
    """Ask the model NAME the held-out sentences, beside the one in use, and keep a new report; print it."""
    kept = bank.versions(settings.data_dir)
    version = bank.find(kept, name)
    in_use = next((v.path for v in kept if v.is_in_use and v != version), None)
    bank.evaluate(settings.data_dir, version.path, in_use, at=now())
    click.echo("\n".join(_model_in_words(bank.find(bank.versions(settings.data_dir), version.name))))


@nlu_group.command("list")
@click.pass_obj
def list_models(settings: Settings) -> None:
    """The models that are kept, the latest first: how good each is, what it was taught, which is in use."""
    for version in bank.versions(settings.data_dir):
        scores = version.report.scores if version.report else {}
        known = "  ".join(f"{lang} {_percent(score.right)}" for lang, score in scores.items()) or "not evaluated"
        state = "  in use" if version.is_in_use else ""
        click.echo(f"{version.name:<31}  {_moment_of(version.trained_at)}  {known}  taught {version.examples}{state}")


@nlu_group.command()
@click.argument("name")
@click.pass_obj
def show(settings: Settings, name: str) -> None:
    """The report of the model NAME; the beginning of its name is enough."""
    version = bank.find(bank.versions(settings.data_dir), name)
    click.echo("\n".join(_model_in_words(version)))


@nlu_group.command("activate")
@click.argument("name")
@click.pass_obj
def activate_model(settings: Settings, name: str) -> None:
    """Put the model NAME to use, whatever its report says; the beginning of its name is enough. Print where it is.

    A running service changes to it without losing a request, or goes on with the one before when it cannot be loaded.
    """
    version = bank.find(bank.versions(settings.data_dir), name)
    bank.check(version, url=settings.nlu_url or nlu.address(settings.data_dir))
    bank.put_to_use(settings.data_dir, version)
    _wait_for_swap(settings, version.path)
    click.echo(version.path)


@nlu_group.command()
@click.pass_obj
def rollback(settings: Settings) -> None:
    """Put the model before this one to use again, one step at a time; print where it is."""
    models.roll_back(settings.data_dir)
    model = nlu.ensure_model(settings.data_dir)
    _wait_for_swap(settings, model)
    click.echo(model)


@nlu_group.command("test")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for Rasa's reports.")
@click.pass_obj
def test_model(settings: Settings, out: Path | None) -> None:
    """Rasa's own evaluation against the held-out sentences."""
    model = nlu.ensure_model(settings.data_dir)
    command = nlu.test_command(model, (out or nlu.PROJECT / "results").resolve())
    done = subprocess.run(command, cwd=nlu.PROJECT, env=nlu.environment(settings.data_dir), check=False)
    sys.exit(min(done.returncode, 1))


@nlu_group.command()
@click.option("--port", default=nlu.PORT, show_default=True)
@click.pass_obj
def serve(settings: Settings, port: int) -> None:
    """Serve the model on loopback."""
    command = nlu.serve_command(nlu.ensure_model(settings.data_dir), port)
    os.chdir(nlu.PROJECT)
    os.execve(command[0], command, nlu.environment(settings.data_dir))


# --- content, staff, updates -----------------------------------------------------------------------------------------


@main.group()
def content() -> None:
    """What the city says."""


@content.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Refuse content that is not whole, or whose languages have drifted apart; every fault on a line.

    Where the database runs, also say on stderr which files do not hold, because staff put another text to use.
    """
    try:
        faults = answering.check_content(nlu.intents() - ROUTES.keys(), acting=ROUTES.keys() | BUTTONS.keys())
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    _say_overridden(settings)
    if faults:
        click.echo("\n".join(faults))
        sys.exit(1)
    click.echo(f"{len(answering.read_topics())} topics and {len(commitments.read_plan())} commitments are whole.")


@content.command()
@click.argument("topics", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All topics.")
@click.pass_obj
def reviewed(settings: Settings, topics: tuple[str, ...], everything: bool) -> None:
    """Record that TOPICS were read today, and say the same in both languages.

    What is read is the files: where the database runs, those are named on stderr that do not hold at the moment.
    """
    if bool(topics) == everything:
        raise click.UsageError("Name the topics, or give --all.")
    try:
        read = answering.record_reviews(None if everything else topics, day(now()))
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    _say_overridden(settings, read)
    click.echo("\n".join(read))


@content.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export_content(settings: Settings, folder: Path) -> None:
    """Write the answers in use into FOLDER, a file each; print the names of those that staff changed.

    They are the files of `flows/answering/topics`, with the texts of the console in them.
    """
    overrides = _with_database(settings, _overrides)
    try:
        changed = answering.export_topics(folder, overrides)
    except OSError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo("".join(f"{name}\n" for name in changed), nl=False)


async def _overrides(db: Database) -> dict[str, answering.Override]:
    async with db.transaction() as tx:
        return await answering.overrides(tx)


def _say_overridden(settings: Settings, names: Collection[str] | None = None) -> None:
    """Say which of these files, or of all, do not hold. Nothing is started for it."""
    try:
        url = _database_url(settings)
        found = asyncio.run(_used(url, _overrides))
    except embedded.NotRunning:
        return
    except DBAPIError as problem:
        click.echo(f"What staff put to use is not known: the database cannot be read ({problem.orig}).", err=True)
        return
    for line in answering.overridden({name: it for name, it in found.items() if names is None or name in names}):
        click.echo(line, err=True)


@main.group()
def staff() -> None:
    """Members of staff."""


@staff.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.REVIEWER.value, show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@click.pass_obj
def staff_add(settings: Settings, email: str, role: str, password_stdin: bool) -> None:
    """Make an account. At a terminal the password is asked for; elsewhere one is made and printed."""
    made = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin is not None and sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = made = secrets.token_urlsafe(12)

    async def add(db: Database) -> None:
        async with db.transaction() as tx:
            added = await accounts.add(tx, email, Role(role), password, at=now())
            await accounts.audit(tx, None, "staff.added", added.email, after={"role": role}, at=now())

    _with_database(settings, add)
    click.echo(f"{email}: {role}" + (f"\npassword: {made}" if made else ""))


@staff.command("invite")
@click.argument("email")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.REVIEWER.value, show_default=True)
@click.option("--name", default="", help="How colleagues see them, in the place of the e-mail.")
@click.pass_obj
def staff_invite(settings: Settings, email: str, role: str, name: str) -> None:
    """Make an account without a password; print the link with which its owner sets one, once, within 72 hours."""

    async def invite(db: Database) -> accounts.Link:
        async with db.transaction() as tx:
            return await accounts.invite(tx, email, Role(role), name=clean(name), by=None, at=now())

    click.echo(_address_of(settings, _with_database(settings, invite)))


@staff.command("reset")
@click.argument("email")
@click.option("--without-second-factor", is_flag=True, help="Switch off their second factor, too.")
@click.pass_obj
def staff_reset(settings: Settings, email: str, without_second_factor: bool) -> None:
    """Take somebody's password and end their sessions; print the link to set a new one, once, within 72 hours."""

    async def reset(db: Database) -> accounts.Link:
        async with db.transaction() as tx:
            them = await accounts.named(tx, email)
            return await accounts.reset(tx, them.id, without_factor=without_second_factor, by=None, at=now())

    click.echo(_address_of(settings, _with_database(settings, reset)))


def _address_of(settings: Settings, link: accounts.Link) -> str:
    return f"{settings.pages_url}/staff/password/{link.token}"


@main.group()
def audit() -> None:
    """The record of what staff and commands did."""


@audit.command("export")
@click.option("--format", "form", type=click.Choice(list(exports.MEDIA_TYPES)), default="csv", show_default=True)
@click.option("--output", type=click.File("wb"), default="-")
@click.pass_obj
def audit_export(settings: Settings, form: exports.Format, output: IO[bytes]) -> None:
    """All acts, the oldest first: who, what, to what, before, after, when."""

    async def write(db: Database) -> None:
        async with db.transaction() as tx:
            await accounts.audit(tx, None, "audit.exported", form, at=now())
        async for piece in exports.written(form, accounts.AUDIT_COLUMNS, accounts.audit_rows(db, accounts.Acts())):
            output.write(piece)

    _with_database(settings, write)


@main.group()
def plan() -> None:
    """The action plans."""


@plan.command("export")
@click.argument("code")
@click.option("--format", "form", type=click.Choice(["yaml", "xlsx"]), default="yaml", show_default=True)
@click.option("--output", type=click.File("wb"), default="-")
@click.pass_obj
def plan_export(settings: Settings, code: str, form: commitments.PlanFormat, output: IO[bytes]) -> None:
    """Write the plan CODE with its commitments, milestones and evidence."""

    async def read(db: Database) -> commitments.PlanDocument:
        async with db.transaction() as tx:
            return await commitments.export_plan(tx, code.upper())

    output.write(commitments.write_file(_with_database(settings, read), form))


@plan.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.pass_obj
def plan_import(settings: Settings, file: IO[bytes], dry_run: bool) -> None:
    """Make a plan what FILE says, YAML or XLSX; print what changed, a line each. All of it or nothing."""
    read = commitments.read_file(file.read(commitments.FILE_MOST_BYTES + 1))

    async def change(db: Database) -> list[commitments.Difference]:
        at, means = now(), commitments.Means.COMMAND
        async with db.transaction() as tx:
            if dry_run:
                return await commitments.compare(tx, read.document, where=read.where, at=at)
            made = await commitments.import_plan(tx, read.document, by=None, means=means, where=read.where, at=at)
            after = {"changes": len(made)}
            await accounts.audit(tx, None, "plan.imported", read.document.code, after=after, at=at)
            return made

    for one in _with_database(settings, change):
        about = "/".join(map(str, filter(None, (one.commitment or read.document.code, one.milestone))))
        click.echo(f"{about} {one.field}: {one.before or 'nothing'} → {one.after or 'nothing'}")


@main.group()
def update() -> None:
    """Progress updates."""


@update.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def update_import(settings: Settings, file: IO[bytes]) -> None:
    """Publish the updates of FILE, YAML or CSV with commitment, ko, en and, if later, at. All of them or none."""
    data = file.read(delivering.UPDATES_MOST_BYTES + 1)

    async def write(db: Database) -> list[commitments.Update]:
        at = now()
        async with db.transaction() as tx:
            written = await delivering.import_updates(tx, data, at=at)
            for one in written:
                when = {"publish_at": one.publish_at.isoformat(timespec="minutes")}
                await accounts.audit(tx, None, delivering.act_of(one, at), one.ref, after=when, at=at)
            return written

    for one in _with_database(settings, write):
        click.echo(f"{one.ref} {one.publish_at.astimezone(zone()).isoformat(timespec='minutes')}")


@update.command()
@click.argument("code")
@click.option("--ko", required=True, help="The text in Korean.")
@click.option("--en", required=True, help="The text in English.")
@click.option("--at", "when", default=None, help="ISO 8601; the city's time without an offset. Default: now.")
@click.option("--expires", default=None, help="Not sent any more after this. Default: some days after its time.")
@click.pass_obj
def publish(settings: Settings, code: str, *, ko: str, en: str, when: str | None, expires: str | None) -> None:
    """Publish an update of commitment CODE, now or at a time; followers are told."""
    at, end, words = _moment(when), _moment(expires, "--expires"), Both(ko=ko, en=en)

    async def write(tx: AsyncSession) -> commitments.Update:
        started = now()
        return await delivering.publish(tx, code.upper(), words, at=at or started, now=started, expires_at=end)

    _write_update(settings, write)


@update.command("correct")
@click.argument("ref")
@click.option("--ko", required=True, help="What is right, in Korean.")
@click.option("--en", required=True, help="What is right, in English.")
@click.pass_obj
def correct_update(settings: Settings, ref: str, ko: str, en: str) -> None:
    """Correct the published update REF (CODE/NUMBER) in the open; those who got it are told."""

    async def write(tx: AsyncSession) -> commitments.Update:
        wrong = await commitments.update_by_ref(tx, ref.upper())
        return await delivering.correct(tx, wrong.id, Both(ko=ko, en=en), now=now())

    _write_update(settings, write)


@update.command("cancel")
@click.argument("ref")
@click.pass_obj
def cancel_update(settings: Settings, ref: str) -> None:
    """Cancel the update REF (CODE/NUMBER) before its time has come; nobody gets it."""

    async def write(db: Database) -> None:
        async with db.transaction() as tx:
            known = await commitments.update_by_ref(tx, ref.upper())
            await commitments.cancel_update(tx, known.id, seen=known.version)
            before = {"publish_at": known.publish_at.isoformat(timespec="minutes")}
            await accounts.audit(tx, None, "update.cancelled", known.ref, before=before, at=now())

    _with_database(settings, write)
    click.echo(f"{ref.upper()} cancelled")


def _write_update(settings: Settings, write: Callable[[AsyncSession], Awaitable[commitments.Update]]) -> None:
    async def audited(db: Database) -> commitments.Update:
        async with db.transaction() as tx:
            written = await write(tx)
            when = {"publish_at": written.publish_at.isoformat(timespec="minutes")}
            await accounts.audit(tx, None, delivering.act_of(written, now()), written.ref, after=when, at=now())
            return written

    written = _with_database(settings, audited)
    click.echo(f"{written.ref} {written.publish_at.astimezone(zone()).isoformat(timespec='minutes')}")


@main.command()
@click.option("--ko", help="The text in Korean.")
@click.option("--en", help="The text in English.")
@click.option("--until", default=None, help="ISO 8601; the city's time without an offset. Default: no end.")
@click.option("--stop", is_flag=True, help="Show the present one no longer.")
@click.pass_obj
def announce(settings: Settings, ko: str | None, en: str | None, until: str | None, stop: bool) -> None:
    """Show an emergency notice to everyone at once, on every page and in every chat. Never asks."""
    if (stop and (ko or en or until)) or not (stop or (ko and en)):
        raise click.UsageError("Give --ko and --en, or --stop alone.")
    end, words = _moment(until, "--until"), Both(ko=clean(ko or ""), en=clean(en or ""))

    async def switch(db: Database) -> str:
        async with db.transaction() as tx:
            if stop:
                await announcing.stop(tx, at=now())
                return "stopped"
            await announcing.start(tx, words, end, at=now())
            return f"shown until {end.astimezone(zone()).isoformat(timespec='minutes')}" if end else "shown"

    click.echo(_with_database(settings, switch))


@main.group("indicators")
def indicators_group() -> None:
    """Figures for citizens."""


@indicators_group.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what it would change, and change nothing.")
@click.pass_obj
def import_indicators(settings: Settings, file: IO[bytes], dry_run: bool) -> None:
    """Take in series and figures from FILE, XLSX or CSV: all of it, or with a fault in it nothing."""
    sheets = read_sheets(file.read())

    async def take_in(db: Database) -> indicators.Preview:
        async with db.transaction() as tx:
            known = indicators.Known(answering.read_topics().keys(), {c.code for c in await commitments.all_of(tx)})
            if dry_run:
                return await indicators.preview(tx, sheets, known)
            return await indicators.take_in(tx, sheets, known, seen=None, by=None, at=now())

    found = _with_database(settings, take_in)
    for fault in found.faults:
        click.echo(f"{' '.join([fault.sheet, fault.cell]).strip()}: {fault.said('en')}", err=True)
    if found.faults:
        raise click.ClickException("Nothing was taken in.")
    for series in found.series:
        click.echo(f"{series.code}: {'changed' if series.before else 'new'}")
    for move in found.numbers:
        before = f"{move.before.value:f} -> " if move.before else ""
        click.echo(f"{move.code} {move.after.period}: {before}{move.after.value:f}")
    click.echo(f"{len(found.series) + len(found.numbers)} changes, {found.same} figures as they were", err=True)


@main.group()
def deliveries() -> None:
    """What is owed and what was sent."""


@deliveries.command("status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def deliveries_status(settings: Settings, form: str) -> None:
    """How many deliveries are in which state, why they failed, and how far each unfinished broadcast is."""

    async def look(db: Database) -> tuple[dict[str, int], dict[str, int], list[delivering.Broadcast]]:
        async with db.transaction() as tx:
            unfinished = await delivering.broadcasts(tx, at=now(), only_unfinished=True)
            return await delivering.status(tx), await delivering.failures(tx), unfinished

    counted, failed, unfinished = _with_database(settings, look)
    if form == "json":
        told = {"failed_by_reason": failed, "broadcasts": [_told(one) for one in unfinished]}
        click.echo(json.dumps({**counted, **told}))
        return
    for state, count in counted.items():
        click.echo(f"{state}: {count}")
        if state == "failed":
            _echo_reasons(failed)
    if not counted:
        click.echo("none")
    for one in unfinished:
        click.echo(_progress(one))
        _echo_reasons(one.failed)


def _echo_reasons(failed: dict[str, int]) -> None:
    for reason, count in failed.items():
        click.echo(f"  {count} {reason}: {delivering.REASONS[reason]}")


def _progress(one: delivering.Broadcast) -> str:
    done = int(one.share_done * PROGRESS_COLUMNS)  # full when it is over, as the page has it
    bar = "#" * done + "." * (PROGRESS_COLUMNS - done)
    if one.paused_at:
        ends = f"paused ({one.paused_because})"
    else:
        left = _seconds_left(one)
        ends = "waiting" if left is None else f"{timedelta(seconds=left)} left"
    line = f"{one.name.en}  [{bar}] {int(one.share_done * 100):3}%  {one.owed - one.waiting}/{one.owed}"
    return f"{line}  {one.per_second:.1f}/s  {ends}"


def _seconds_left(one: delivering.Broadcast) -> int | None:
    return round(one.time_left.total_seconds()) if one.time_left else None


def _told(one: delivering.Broadcast) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name.en,
        "owed": one.owed,
        "waiting": one.waiting,
        "states": {state: count for state, count in one.states.items() if count},
        "failed_by_reason": one.failed,
        "waiting_by_reason": one.again,
        "perhaps_twice": one.perhaps_twice,
        "per_second": round(one.per_second, 1),
        "seconds_left": _seconds_left(one),
        "next_at": one.next_at and one.next_at.isoformat(),
        "paused": one.paused_because,
    }


@main.group()
def suggestions() -> None:
    """What citizens suggested."""


@suggestions.command()
@click.option("--format", "form", type=click.Choice(list(exports.MEDIA_TYPES)), default="csv", show_default=True)
@click.option("--output", type=click.File("wb"), default="-")
@click.pass_obj
def export(settings: Settings, form: exports.Format, output: IO[bytes]) -> None:
    """All suggestions with their states and answers; never who sent them."""

    async def write(db: Database) -> None:
        async for piece in exports.written(form, suggesting.EXPORT_COLUMNS, suggesting.export_rows(db)):
            output.write(piece)

    _with_database(settings, write)


@main.command()
@click.argument("channel")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(settings: Settings, channel: str, address: str, yes: bool) -> None:
    """Erase what is held about the citizen ADDRESS in CHANNEL."""
    if not yes:
        click.confirm(f"Erase everything held about {address} in {channel}?", abort=True, err=True)

    async def erase(db: Database) -> None:
        async with db.transaction() as tx:
            await privacy.erase(tx, await citizens.find(tx, channel, address), at=now())
            await accounts.audit(tx, None, "citizen.erased", channel, at=now())

    _with_database(settings, erase)
    click.echo("erased")


# --- how commands reach the database ---------------------------------------------------------------------------------


def _database_url(settings: Settings) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return embedded.running(settings.data_dir)


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The database's address: the one that runs, or the embedded one started for this command alone."""
    try:
        yield _database_url(settings)
        return
    except embedded.NotRunning:
        pass
    with embedded.held(settings.data_dir), embedded.started(settings.data_dir) as url:
        _prepare(url, as_demo=False)
        yield url


def _with_database[T](settings: Settings, use: Callable[[Database], Awaitable[T]]) -> T:
    with _database(settings) as url:
        return asyncio.run(_used(url, use))


async def _used[T](url: str, use: Callable[[Database], Awaitable[T]]) -> T:
    db = Database(url)
    try:
        return await use(db)
    finally:
        await db.close()


def _taught_by_staff(settings: Settings) -> tuple[list[models.Example], list[models.Example]] | None:
    """What staff accepted, and what of the training files they dropped.

    None when there is no database to ask: a model can be trained before the first run.
    """
    if not settings.database_url and not embedded.exists(settings.data_dir):
        return None

    async def read(db: Database) -> tuple[list[models.Example], list[models.Example]]:
        async with db.transaction() as tx:
            return await answering.accepted_examples(tx), await answering.dropped_examples(tx)

    try:
        return _with_database(settings, read)
    except DBAPIError as problem:
        click.echo(f"No examples are learnt anew: the database cannot be read ({problem.orig}).", err=True)
        return None


def _wait_for_swap(settings: Settings, model: Path) -> None:
    """Until the service that runs on this data folder answers with `model`, if there is one."""
    if settings.nlu_url:
        click.echo(f"The NLU service at {settings.nlu_url} is not ours: give it this model.", err=True)
        return
    if not nlu.serves(nlu.address(settings.data_dir)):
        return
    deadline, chosen = time.monotonic() + SWAPPED_WITHIN_S, models.choices(settings.data_dir)
    while not nlu.serves(nlu.address(settings.data_dir), model.name):
        if models.choices(settings.data_dir) != chosen:
            raise click.ClickException(
                "The running service cannot work with the model; the one before stays in use. See DATA_DIR/nlu.log."
            )
        if time.monotonic() > deadline:
            raise click.ClickException("The running service has not changed to the model; its log says why.")
        time.sleep(0.5)
    click.echo("The running service answers with it.", err=True)


def _model_in_words(version: bank.Version) -> Iterator[str]:
    yield version.name + (", in use" if version.is_in_use else "")
    yield f"trained {_moment_of(version.trained_at)}"
    if version.is_of_other_inputs:
        yield "from another version of the program or its training data"
    for lang, intents in version.taught.items():
        yield f"taught {lang}: " + ", ".join(f"{intent} {count}" for intent, count in intents.items())
    if (report := version.report) is None:
        yield "not evaluated yet"
        return
    yield f"evaluated {_moment_of(report.evaluated_at)}"
    yield from _scores_in_words(report)
    if report.compared:
        for kind, changes in (("wrong", report.compared.newly_wrong), ("right", report.compared.newly_right)):
            yield f"sentences newly {kind}: {changes.count}"
            yield from (f"  {c.text} ({c.meant}): before {c.before}, now {c.now}" for c in changes.first)


def _scores_in_words(report: reports.Report) -> Iterator[str]:
    """What decides first, then the rest, each beside the model that was in use."""
    before = report.compared.scores if report.compared else {}
    if report.compared:
        yield f"compared with {report.compared.name}, in use then"
    for lang, scores in report.scores.items():
        for name, words in SCORES.items():
            was = f"in use {_percent(getattr(before[lang], name))}, this " if lang in before else ""
            yield f"{lang}: {words}: {was}{_percent(getattr(scores, name))}"


def _percent(share: reports.Share) -> str:
    return "–" if share is None else f"{share:.1%}"


def _moment_of(at: datetime) -> str:
    return f"{at.astimezone(zone()):%Y-%m-%d %H:%M}"


def _prepare(url: str, *, as_demo: bool) -> None:
    """The schema, the plan, the topics to search, and the demonstration where one is asked for."""
    migrate(url)

    async def load() -> None:
        db = Database(url)
        try:
            async with db.transaction() as tx:
                await commitments.load_plans(tx, commitments.read_plans(), at=now())
                await indicators.load_series(tx, indicators.read_series(), at=now())
                is_demo = await kept(tx, DEMO) is not None
                await answering.settle(tx, at=now())
                topics = await answering.topics_in_use(tx)
            await answering.load_topics(db, topics)
            meaning.put_away()  # this process stays, to watch over the others
            if as_demo and not is_demo:
                await demo.load(db, at=now())
        finally:
            await db.close()

    asyncio.run(load())


def _run_with_parts(settings: Settings, use: Callable[[Damso], Coroutine[Any, Any, None]]) -> None:
    async def opened() -> None:
        nlu_url = settings.nlu_url or partial(nlu.address, settings.data_dir)
        async with build(settings, database_url=_database_url(settings), nlu_url=nlu_url) as parts:
            await use(parts)

    asyncio.run(opened())


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _moment(written: str | None, option: str = "--at") -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise click.BadParameter("write it as 2026-12-01T09:00", param_hint=option) from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=zone())


def _print_addresses(settings: Settings) -> None:
    here = settings.pages_url
    click.echo(f"Damso  {here}/\nStaff  {here}/staff\nHealth {here}/health")
    telegram = "on" if settings.telegram_token else "off (set TELEGRAM_TOKEN)"
    click.echo(f"Telegram {telegram}")
