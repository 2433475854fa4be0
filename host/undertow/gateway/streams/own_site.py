"""A small site for who has none of his own: every gateway's is another.

One text for all would tell each gateway to whoever looks for it; so what it is about, which of its
sentences it has, and how it looks follow from a seed.
"""

import random
from collections.abc import Callable

_TEXTS = {
    "bread": (
        "I bake on Saturdays, mostly rye, and write down here what worked and what did not.",
        "The starter lives in the fridge and has had the same jam jar since the beginning.",
        "This week the crust was good and the crumb too wet; ten minutes more next time.",
        "Recipes follow when I have found the notebook again.",
        "If you want some of the starter, ask me, there is always too much.",
    ),
    "garden": (
        "Notes from a very small garden: three beds, one apple tree, and far too many snails.",
        "The tomatoes stand under the roof this year and look better for it.",
        "Beans in May, leeks in June, and the rest whenever there is time.",
        "I will put up some pictures when the light is better.",
        "Seeds to swap: marigold, runner bean, and a squash whose name nobody remembers.",
    ),
    "bicycles": (
        "I mend old bicycles in the shed, for friends and for the neighbours' children.",
        "On the stand just now: a three-speed from 1974 that has seen a lot of rain.",
        "Most of them need nothing but oil, new cables and an afternoon.",
        "Spare parts are welcome, hubs and bells above all.",
        "The list of what I have here is still on paper; it will come.",
    ),
    "walks": (
        "Walks around here, none of them long, all of them with somewhere to sit down.",
        "The path by the mill is closed after the storm; go round by the chapel.",
        "Best in the morning, when the fog is still in the valley.",
        "Maps will follow as soon as I have learned how to draw them.",
        "Dogs are fine everywhere except on the upper meadow.",
    ),
    "birds": (
        "What came to the feeder this winter, and what only looked at it from the hedge.",
        "Blue tits mostly, a pair of bullfinches, and once a woodpecker on a Sunday.",
        "The box on the north wall is taken again, we think by the same pair.",
        "I count on the first of the month and write it down here, or mean to.",
        "Pictures are hard through a kitchen window, so there are few.",
    ),
    "chess": (
        "We play on Thursdays from seven, in the back room, and everybody is welcome.",
        "Bring a clock if you have one; boards and pieces are there.",
        "The autumn tournament was won by Marta, for the third time.",
        "No need to be good at it, half of us are not.",
        "The table of results will be here once somebody has typed it in.",
    ),
    "radio": (
        "An old valve radio, a long wire to the pear tree, and what can be heard with them.",
        "Short wave is best an hour after sunset, on most days of the year.",
        "The set came from my grandfather and had not been switched on since 1981.",
        "The hum is gone since I changed two capacitors; the dial still sticks.",
        "A list of stations will be here when it is longer than five lines.",
    ),
    "books": (
        "Books I have read, in no order, with a line or two so that I remember them.",
        "At the moment something long about lighthouses, which is better than it sounds.",
        "I lend them out, and most of them come back.",
        "The list of last year's is not typed yet.",
        "If you have one to recommend, tell me when we meet.",
    ),
}
_FONTS = (
    "Georgia, serif",
    "Verdana, sans-serif",
    "sans-serif",
    "'Trebuchet MS', sans-serif",
    "'Times New Roman', serif",
    "Helvetica, Arial, sans-serif",
    "Palatino, Georgia, serif",
)
_TITLES = ("{}", "my {}", "{} and more", "notes on {}", "about {}", "{}, mostly")
_SHEETS = ("style.css", "main.css", "site.css", "page.css", "screen.css", "css/style.css")

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{sheet}">
</head>
<body>
<{frame}>
<h1>{title}</h1>
{text}
</{frame}>
</body>
</html>
"""
_STYLE = """\
body {{ margin: 0; font: {size}px/1.{line} {font}; color: hsl({hue}, {grey}%, {dark}%); \
background: hsl({hue}, {pale}%, {light}%); }}
{frame} {{ max-width: {width}em; margin: {top}vh auto; padding: 0 {side}em; }}
h1 {{ font-weight: {weight}; color: hsl({other}, {full}%, {middle}%); }}
"""


def compose(seed: str) -> dict[str, str]:
    """Texts by their path."""
    chance = random.Random(seed)
    subject = chance.choice(sorted(_TEXTS))
    sentences = [each for each in _TEXTS[subject] if chance.random() < 0.75]
    chance.shuffle(sentences)
    sentences = sentences or list(_TEXTS[subject][:1])
    cut = chance.randint(1, len(sentences))
    title = chance.choice(_TITLES).format(subject).capitalize()
    frame, sheet = chance.choice(("main", "div", "article", "section")), chance.choice(_SHEETS)
    pieces = (" ".join(sentences[:cut]), " ".join(sentences[cut:]))
    text = "\n".join(f"<p>{piece}</p>" for piece in pieces if piece)
    page = _PAGE.format(title=title, sheet=sheet, frame=frame, text=text)
    texts = {"/index.html": page, f"/{sheet}": _style(chance.randint, frame, chance.choice(_FONTS))}
    if chance.random() < 0.5:
        texts["/robots.txt"] = chance.choice(("User-agent: *\nDisallow:\n", "User-agent: *\n"))
    return texts


def _style(number: Callable[[int, int], int], frame: str, font: str) -> str:
    return _STYLE.format(
        frame=frame,
        font=font,
        size=number(15, 20),
        line=number(3, 7),
        hue=number(0, 359),
        grey=number(0, 30),
        dark=number(10, 28),
        pale=number(0, 40),
        light=number(93, 99),
        width=number(30, 44),
        top=number(4, 18),
        side=number(1, 2),
        weight=("normal", "bold")[number(0, 1)],
        other=number(0, 359),
        full=number(0, 70),
        middle=number(20, 40),
    )
