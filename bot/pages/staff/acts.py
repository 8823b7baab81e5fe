"""What the audit log calls an act, in plain words. One without words here shows its code alone."""

from flows.answering import EnquiryState
from flows.commitments import MilestoneState
from flows.commitments import Status as Progress
from flows.suggesting import Status
from flows.wording import N_, Lang, text

ACTS = {
    "announcement.started": N_("Showed an emergency notice"),
    "announcement.end_changed": N_("Changed when an emergency notice ends"),
    "announcement.stopped": N_("Stopped an emergency notice"),
    "answer.proposed": N_("Proposed a text for an answer of the chatbot"),
    "answer.put_to_use": N_("Put a text of an answer to use"),
    "answer.set_aside": N_("Set a text of an answer aside"),
    "answer.taken_over": N_("Took a text of an answer over into its file"),
    "audit.exported": N_("Exported the audit log"),
    "broadcast.paused": N_("Paused a broadcast"),
    "broadcast.resumed": N_("Let a broadcast go on"),
    "broadcast.retried": N_("Sent the failed messages of a broadcast again"),
    "citizen.erased": N_("Erased all that was held about a citizen"),
    "commitment.level": N_("Entered what OGP’s assessment says of a commitment"),
    "correction.drafted": N_("Began the correction of an update"),
    "correction.published": N_("Published a correction"),
    "correction.scheduled": N_("Scheduled a correction"),
    "enquiry.approved": N_("Approved an answer to an enquiry"),
    "enquiry.answered": N_("Answered an enquiry"),
    "example.added": N_("Proposed an example to learn"),
    "example.dropped": N_("Proposed to drop an example"),
    "file.shown": N_("Published a photo of a suggestion"),
    "file.hidden": N_("Took a photo of a suggestion off the public page"),
    "file.removed": N_("Removed a file of a suggestion for good"),
    "filter.saved": N_("Saved a filter of the queue"),
    "filter.deleted": N_("Deleted a filter of the queue"),
    "indicator.described": N_("Entered or changed a series of figures"),
    "indicator.corrected": N_("Corrected a figure for citizens"),
    "indicator.entered": N_("Entered a figure for citizens"),
    "milestone.acknowledged": N_("Saw to a task of the plan"),
    "milestone.added": N_("Added a milestone"),
    "milestone.changed": N_("Changed the title or date of a milestone"),
    "milestone.done": N_("Marked a milestone as done"),
    "milestone.evidence": N_("Entered evidence for a milestone"),
    "milestone.evidence_removed": N_("Took evidence of a milestone away"),
    "model.activated": N_("Put an intent model to use"),
    "plan.imported": N_("Changed a plan from a file"),
    "question.labelled": N_("Said what a question meant"),
    "question.accepted": N_("Accepted a question to learn from"),
    "question.rejected": N_("Did not accept a question to learn from"),
    "question.dismissed": N_("Put a question aside"),
    "schedule.changed": N_("Changed the times of a schedule"),
    "schedule.off": N_("Switched a schedule off"),
    "schedule.on": N_("Switched a schedule on"),
    "schedule.run": N_("Ran a schedule by hand"),
    "staff.added": N_("Added an account"),
    "staff.invited": N_("Invited a colleague"),
    "staff.left": N_("Closed the account of a colleague who left"),
    "staff.name": N_("Changed a name"),
    "staff.password_set": N_("Set a password"),
    "staff.reset": N_("Made a link for a new password"),
    "staff.role": N_("Changed a role"),
    "staff.second_factor_on": N_("Switched a second factor on"),
    "staff.second_factor_off": N_("Switched a second factor off"),
    "staff_chat.code": N_("Made a code for a staff chat"),
    "staff_chat.closed": N_("Ended a staff chat"),
    "suggestion.assigned": N_("Assigned a suggestion"),
    "suggestion.author_asked": N_("Asked the author of a suggestion for more"),
    "suggestion.brought_back": N_("Brought a hidden suggestion back"),
    "suggestion.corrected": N_("Corrected the answer to a suggestion"),
    "suggestion.flags_cleared": N_("Took the flags off a suggestion"),
    "suggestion.handed_over": N_("Handed over a suggestion of a colleague who left"),
    "suggestion.hidden": N_("Hid a suggestion"),
    "suggestion.joined": N_("Merged another suggestion into this one"),
    "suggestion.linked": N_("Linked a suggestion to a milestone or an update"),
    "suggestion.merged": N_("Merged a suggestion with another"),
    "suggestion.moderated": N_("Put another text in the place of a suggestion’s"),
    "suggestion.noted": N_("Wrote an internal note"),
    "suggestion.original_shown": N_("Showed the original text of a suggestion again"),
    "suggestion.proposed": N_("Proposed an answer to a second reader"),
    "suggestion.published": N_("Published a suggestion"),
    "suggestion.redacted": N_("Took words out of a suggestion for good"),
    "suggestion.released": N_("Gave a suggestion back"),
    "suggestion.sent_back": N_("Sent a proposed answer back"),
    "suggestion.taken": N_("Took a suggestion in hand"),
    "suggestion.translated": N_("Translated a suggestion"),
    "suggestion.unlinked": N_("Undid a link of a suggestion"),
    "suggestion.unpublished": N_("Took a suggestion off the public list"),
    "template.saved": N_("Saved a template for answers"),
    "template.deleted": N_("Deleted a template for answers"),
    "trial_chat.asked": N_("Asked for the line that links a chat for tests"),
    "trial_chat.linked": N_("Linked a chat for tests of updates"),
    "trial_chat.unlinked": N_("Unlinked the chat for tests of updates"),
    "update.cancelled": N_("Cancelled a progress update"),
    "update.changed": N_("Changed a progress update"),
    "update.drafted": N_("Drafted a progress update"),
    "update.published": N_("Published a progress update"),
    "update.scheduled": N_("Scheduled a progress update"),
    "update.tested": N_("Sent a test of a progress update"),
}
# Acts that are named for the state they led to.
STATES: dict[str, tuple[type[Status | Progress | MilestoneState | EnquiryState], str]] = {
    "suggestion": (Status, N_("Decided on a suggestion: {state}")),
    "commitment": (Progress, N_("Said how far a commitment is: {state}")),
    "milestone": (MilestoneState, N_("Said how far a milestone is: {state}")),
    "enquiry": (EnquiryState, N_("Closed an enquiry: {state}")),
}


def act_in_words(action: str, lang: Lang) -> str | None:
    """Such as “Published a suggestion” for `suggestion.published`."""
    if action in ACTS:
        return text(lang, ACTS[action])
    what, _, led_to = action.partition(".")
    states, said = STATES.get(what, (None, ""))
    if states is None or led_to not in set(states):
        return None
    return text(lang, said, state=text(lang, states(led_to).wording))
