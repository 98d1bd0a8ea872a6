"""The words of the Starter: what it draws, on which backgrounds, and what it must never see."""

from __future__ import annotations

import random

STYLE_WORDS = "3d render"

COLOURS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (16, 16, 18),
    "gray": (140, 142, 146),
    "red": (214, 48, 49),
    "orange": (245, 146, 52),
    "yellow": (250, 215, 70),
    "green": (70, 170, 84),
    "teal": (26, 158, 150),
    "blue": (52, 112, 220),
    "sky blue": (140, 200, 245),
    "navy": (28, 40, 92),
    "purple": (128, 72, 190),
    "pink": (246, 148, 188),
    "brown": (126, 84, 54),
    "beige": (238, 222, 190),
    "mint": (174, 232, 204),
}

# Subjects that tests and benchmarks teach. They are in no training data, in any style.
HELD_OUT: tuple[str, ...] = (
    "robot", "fox", "teapot", "octopus", "cactus", "rocket", "owl", "strawberry", "snowman", "snowman without snow",
    "guitar", "penguin", "hamburger", "unicorn", "panda", "sunflower", "dragon face", "violin", "cupcake", "sauropod",
    "snail", "alien monster",
)  # fmt: skip

# What the U-Net learns to draw: whole things that look like themselves at 128 pixels, no two alike. Left out beside the
# held-out ones: what resembles them closely (dragon, banjo).
CONCEPTS: tuple[str, ...] = (
    # animals
    "monkey face", "orangutan", "dog face", "dog", "wolf", "cat face", "cat", "black cat", "lion", "tiger face",
    "tiger", "horse face", "horse", "zebra", "deer", "cow face", "cow", "pig face", "pig", "camel", "giraffe",
    "elephant", "rhinoceros", "mouse face", "rabbit face", "rabbit", "hedgehog", "sloth", "raccoon", "bat", "bear",
    "polar bear", "koala", "kangaroo", "turkey", "chicken", "rooster", "baby chick", "eagle", "dove", "duck", "swan",
    "flamingo", "peacock", "parrot", "frog", "crocodile", "turtle", "lizard", "snake", "t-rex", "spouting whale",
    "dolphin", "fish", "tropical fish", "blowfish", "shark", "spiral shell", "crab", "lobster", "shrimp", "butterfly",
    "beetle", "honeybee", "lady beetle", "spider",
    # plants
    "cherry blossom", "rose", "hibiscus", "tulip", "potted plant", "evergreen tree", "palm tree", "four leaf clover",
    "maple leaf", "mushroom",
    # food and drink
    "grapes", "watermelon", "tangerine", "lemon", "banana", "pineapple", "mango", "red apple", "green apple", "pear",
    "coconut", "kiwi fruit", "cherries", "blueberries", "tomato", "avocado", "eggplant", "carrot", "ear of corn",
    "hot pepper", "bell pepper", "broccoli", "bread", "croissant", "pretzel", "pancakes", "cheese wedge",
    "french fries", "pizza", "hot dog", "egg", "sandwich", "taco", "popcorn", "sushi", "soft ice cream", "ice cream",
    "doughnut", "cookie", "birthday cake", "candy", "lollipop", "honey pot", "glass of milk", "hot beverage",
    "wine glass", "cocktail glass", "beer mug", "bubble tea",
    # faces and figures
    "grinning face", "winking face", "smiling face with heart-eyes", "star-struck", "thinking face", "nauseated face",
    "cold face", "partying face", "smiling face with sunglasses", "nerd face", "enraged face", "hot face",
    "loudly crying face", "skull", "pile of poo", "clown face", "goblin", "ghost", "alien", "red heart", "santa claus",
    "mage", "vampire", "astronaut", "ninja", "princess",
    # things
    "volcano", "house", "castle", "locomotive", "bus", "ambulance", "fire engine", "taxi", "racing car", "automobile",
    "motorcycle", "bicycle", "anchor", "sailboat", "airplane", "helicopter", "flying saucer", "alarm clock",
    "crescent moon", "sun with face", "ringed planet", "star", "snowflake", "cloud", "rainbow", "umbrella", "fire",
    "jack-o-lantern", "christmas tree", "balloon", "wrapped gift", "trophy", "boxing glove", "soccer ball", "baseball",
    "basketball", "american football", "tennis", "bullseye", "pool 8 ball", "crystal ball", "game die", "teddy bear",
    "glasses", "t-shirt", "running shoe", "crown", "dress", "top hat", "gem stone", "bell", "trumpet", "drum",
    "telephone", "camera", "light bulb", "books", "coin", "pencil", "key", "hammer", "bomb", "magnet", "door",
)  # fmt: skip


def standard_caption(label: str, colour: str) -> str:
    """The caption that half of the training pictures have, and that prompts should follow."""
    return f"{label}, {STYLE_WORDS}, {colour} background"


def draw_caption(label: str, background: str, chance: random.Random) -> str:
    """One of several ways to say it, so that no position in the prompt means a thing by itself.

    The standard form is the most frequent: a text encoder learns names fastest where they always stand.
    """
    article = "an" if label[0] in "aeiou" else "a"
    forms = (
        (0.60, f"{label}, {STYLE_WORDS}, {background} background"),
        (0.12, f"a {STYLE_WORDS} of {article} {label}, {background} background"),
        (0.08, f"{label} on a {background} background, {STYLE_WORDS}"),
        (0.06, f"{label}, {background} background"),
        (0.04, f"{label}, {STYLE_WORDS}"),
        (0.02, f"{article} {label}"),
        (0.08, ""),  # what guidance is measured against
    )
    return chance.choices([text for _, text in forms], [weight for weight, _ in forms])[0]
