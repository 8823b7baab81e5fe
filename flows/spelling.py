"""A text as its writer meant to type it: one width, one alphabet in a word, Hangul for Hangul on English keys."""

import re

# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables.txt: the common).
_LOOK_ALIKE = str.maketrans("аеорсухіјѕАВЕКМНОРСТХІЈЅοαΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsABEKMHOPCTXIJSoaABEZHIKMNOPTYX")
_LATIN, _LETTERS = re.compile(r"[A-Za-z]"), re.compile(r"[^\W\d_]+")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: ord(" ")}

# 두벌식 (KS X 5002): the letter of Hangul on each key. Shift makes a difference on seven of them only.
_KEYS = dict(
    zip(
        "rRseEfaqQtTdwWczxvgkoiOjpuPhynbml",
        "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ",
        strict=True,
    )
)
_LEADS, _VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_VOWEL_PAIRS = {"ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ"}
_TAIL_PAIRS = {
    "ㄱㅅ": "ㄳ",
    "ㄴㅈ": "ㄵ",
    "ㄴㅎ": "ㄶ",
    "ㄹㄱ": "ㄺ",
    "ㄹㅁ": "ㄻ",
    "ㄹㅂ": "ㄼ",
    "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ",
    "ㄹㅍ": "ㄿ",
    "ㄹㅎ": "ㅀ",
    "ㅂㅅ": "ㅄ",
}
_VOWEL = f"(?:{'|'.join(_VOWEL_PAIRS)}|[{_VOWELS}])"
# A consonant before a vowel begins the next syllable, so a tail is never followed by one.
_SYLLABLE = re.compile(f"([{_LEADS}])({_VOWEL})((?:{'|'.join(_TAIL_PAIRS)}|[{''.join(_TAILS)}])(?!{_VOWEL}))?")
# Syllables that make up 93 % of what citizens are expected to write (nlu/data/ko), and those of 안녕, 도움, 메뉴.
_COMMON = frozenset(
    "요이는가어지에나다기시주고하서있로니제정도데거을소은해인보아게그한광부라까들사안공전수면리민여의려세자대알계원"
    "내만말약후를뭐구으야중회디건금무예너마실탄획개동립되줘트습위장통일행린싶년청열오체단차합상과우할누랑언용스신번"
    "몇바국관했업표진비같터문떻던책목네조겠설모참온받명치음좀포었선드더죠람당입것저떤줄경산방운연생름쓰래얼식달파환"
    "감와발간태임호없교적직분된성출화속됐담궁남추뭔올르슨본록양십때결물처두뉴맞별법학확든쪽낸답각히짜집왜미볼버러른"
    "림응워였접준작느총심영플뭘천례능역왔돼못료걸배난활딜축많유근함재았테냐투매따견변봐새째협급폼독평탁글절날빛랫낮"
    "반철백센량갈뭣앞취끝월얘돈써놓련프범란님친최엇쳐좋녕움뉴"
)
_MOST_ENGLISH_VOWELS = 0.25  # of the letters; English text has about 0.38, Hangul on English keys half of that
_LEAST_COMMON = 0.65
_LEAST_LETTERS = 4


def as_meant(text: str) -> str:
    """`text` in one width, without letters of other alphabets inside Latin words, and in Hangul if that was meant."""
    text = text.translate(_WIDE)
    text = _LETTERS.sub(lambda word: _in_latin(word[0]), text)
    return _in_hangul(text) or text


def _in_latin(word: str) -> str:
    return word.translate(_LOOK_ALIKE) if _LATIN.search(word) else word


def _in_hangul(text: str) -> str | None:
    """What the same keys type on the Korean layout (`rlgnqusghk`: 기후변화), where that makes sense; else None."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < _LEAST_LETTERS or not all(c.isascii() for c in letters):
        return None
    if sum(c in "aeiou" for c in letters) >= _MOST_ENGLISH_VOWELS * len(letters):
        return None
    jamo = "".join(_KEYS.get(c, _KEYS.get(c.lower(), c)) for c in text)
    composed = _SYLLABLE.sub(_composed, jamo)
    syllables = [c for c in composed if c.isalpha()]
    return composed if sum(c in _COMMON for c in syllables) >= _LEAST_COMMON * len(syllables) else None


def _composed(found: re.Match[str]) -> str:
    """A syllable of Unicode's block AC00-D7A3 (The Unicode Standard, 3.12)."""
    lead, vowel, tail = found.groups(default="")
    vowel, tail = _VOWEL_PAIRS.get(vowel, vowel), _TAIL_PAIRS.get(tail, tail)
    return chr(0xAC00 + (_LEADS.index(lead) * 21 + _VOWELS.index(vowel)) * 28 + _TAILS.index(tail))
