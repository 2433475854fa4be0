"""Two lists of 256 English words, for bytes at even and at odd places.

They were chosen from 900 common words for plain things, by a program, so that of all 512
- no two sound alike: they differ in their consonants even where b and p, d and t, g and k, v and f,
  s and z, m and n, ch and j are taken for the same, and vowels are not heard at all
  (tests/pairing/test_words.py has the rule),
- no two are within two letters of each other, and each is known by its first four.
The even list has the shorter words. As a word is in one list only, who reads two of them in the
wrong order names words that cannot stand there.
"""

WORDS = 256

# One string each, so that a board keeps 512 objects less.
_EVEN = (
    "acorn album almond anchor apple artist aspen atlas attic autumn avenue award bagel bamboo "
    "banana banjo bath bazaar beacon beaver berry bonnet bonus bowl branch breeze bridge budget "
    "button cabin cactus canary canoe canvas cargo carpet cashew castle cellar cereal chalk "
    "cinema circle citrus city clock clover coach copper cousin coyote cradle crayon daisy "
    "decade deck denim desert diary doctor double dough drawer drum early echo editor eight "
    "elbow elm engine exit fabric family farmer fence fern fiddle field fisher flavor flour "
    "forest fossil fox friday future galaxy garage garlic geese gentle gift ginger glass glider "
    "globe golden graph gravel grocer group guava guitar handle harbor harp helmet hiking hill "
    "house husky igloo image inbox indigo infant invite iron island ivory jacket jaguar jelly "
    "jersey jewel jigsaw jogger jug kayak kennel kiosk kiwi knee koala ladder laptop lawn leaf "
    "lentil lesson lilac linen liquid little lizard llama lobby locker lunch lyric magnet "
    "magpie marble margin marsh mayor melody menu meteor minnow mirror mitten mobile moment "
    "monkey mosaic moss museum napkin navy nectar nephew nest nickel noodle north nurse nutmeg "
    "nylon oak oasis object ocean office olive omelet onion opera orange orbit orchid oxygen "
    "papaya paper parcel parrot pastry patio pebble petal photo pickle picnic pigeon pillow "
    "pink pizza plant policy pomelo poplar potato prism queen quiz radar reed rice roof ruby "
    "salad scarf seven shelf shirt skate snow spoon stamp stork straw sugar swan sweet syrup "
    "toast tonic topaz tower tulip tuna twig uncle vase vocal wagon waltz wheat world yacht "
    "yodel yoga young zebra zone"
)
_ODD = (
    "balloon bedroom beehive bicycle biscuit blanket blossom bouquet brother buffalo builder "
    "cabbage captain caravan cartoon catalog channel chapter charcoal chestnut chicken chimney "
    "chipmunk cinnamon clarinet climate cobbler coconut compass concert cottage crystal "
    "cucumber cushion custard daffodil december diamond diploma dolphin doorbell earring "
    "eclipse elephant elevator emerald envelope equator evening express eyebrow eyelash "
    "february festival firefly flamingo fountain freckle freedom gallery gazelle giraffe "
    "glacier gorilla grammar granite haircut hammock hamster harmony harvest hexagon holiday "
    "horizon hundred hydrant iceberg jasmine journey juniper kangaroo keyboard lantern laundry "
    "lavender lemonade leopard lettuce library lollipop lullaby machine magazine mailbox "
    "marathon marigold measure midnight morning mushroom mystery neighbor network notebook "
    "november oatmeal octopus origami ostrich outdoor overcoat package pancake paprika partner "
    "passport pavement peacock pelican penguin perfume pharmacy picture pioneer platform "
    "plumber portrait postcard prairie present pretzel printer puffin pumpkin puppet puzzle "
    "pyramid quarry question rabbit raccoon radish railroad rainbow raisin recipe record "
    "reindeer remote ribbon rooster rowboat runner saffron sandwich sapphire sardine satchel "
    "saturday saucer sausage school science scooter secret shadow shampoo shoulder shovel "
    "silver sixteen sketch slipper spatula spinach spring spruce squash squirrel stable stadium "
    "station student suitcase sundial sunrise surfer swallow sycamore symbol tadpole tailor "
    "talent tandem tapestry teacher teapot teaspoon telegram tennis terrace theater thimble "
    "thirteen thousand thread thursday timber toffee toolbox tortoise toucan tractor triangle "
    "trolley trombone trophy trumpet tugboat turkey turtle twelve twenty ukulele umbrella "
    "uniform universe upstairs useful utensil vacation venture veranda victory village vinegar "
    "violin visitor volcano voyage waffle waiter walnut wardrobe weekend welcome whisper "
    "windmill wonder workshop yogurt zenith zephyr zigzag zodiac zucchini"
)


def word(place: int, byte: int) -> str:
    """What stands for this byte at this place, counted from 0."""
    words = _ODD if place & 1 else _EVEN
    start = 0
    for _ in range(byte):
        start = words.find(" ", start) + 1
    end = words.find(" ", start)
    return words[start:end] if end >= 0 else words[start:]
