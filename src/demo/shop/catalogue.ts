export type LampKind = 'table' | 'desk' | 'floor' | 'pendant' | 'wall' | 'lantern'

export type Product = {
  id: string
  name: string
  kind: LampKind
  /** Colour of shade and body, `#rrggbb`. */
  colour: string
  priceCents: number
  isFeatured: boolean
  description: string
}

type Row = [name: string, kind: LampKind, colour: string, priceCents: number, description: string]

/** What the shop sells; written into its database at the first start. */
const ROWS: Row[] = [
  [
    'Marlow',
    'table',
    '#c8643c',
    8900,
    'A linen shade on a turned oak foot, for the side of a sofa.',
  ],
  ['Hazel', 'table', '#6f8f72', 7400, 'Small and round, in sage glaze. Made for a bedside.'],
  [
    'Ottoline',
    'table',
    '#b4495f',
    12900,
    'A pleated shade in madder red over hand-thrown stoneware.',
  ],
  ['Fenwick', 'table', '#40688a', 9900, 'Indigo cotton, brass stem, and a switch on the cable.'],
  [
    'Draughtsman',
    'desk',
    '#3d5a5c',
    11900,
    'Two arms, three joints, and light exactly where the pen is.',
  ],
  ['Juniper', 'desk', '#5d7f4e', 9400, 'A slim reading lamp that turns without a sound.'],
  ['Clerk', 'desk', '#8a6a3b', 13900, 'Antique brass, dimmable, with a heavy foot that stays put.'],
  ['Pixel', 'desk', '#d08a2e', 6900, 'The first desk lamp of many students; survives all of them.'],
  [
    'Heron',
    'floor',
    '#4f6d8c',
    18900,
    'Stands on one leg behind the armchair and leans over the book.',
  ],
  ['Alder', 'floor', '#8c5a3c', 21900, 'Steamed ash in a single bend, with a paper shade.'],
  [
    'Lighthouse',
    'floor',
    '#b8483a',
    24900,
    'Tall, red and white, for the corner that was always dark.',
  ],
  ['Willow', 'floor', '#7d8c5a', 17900, 'A soft column of light, two steps of brightness.'],
  [
    'Harvest Moon',
    'pendant',
    '#d79a3a',
    15900,
    'An opal globe over the dining table, 30 cm across.',
  ],
  [
    'Bell',
    'pendant',
    '#a4483f',
    12900,
    'Enamelled steel, as it hung in workshops for a hundred years.',
  ],
  [
    'Nest',
    'pendant',
    '#8a7350',
    14900,
    'Woven willow that throws the pattern of a hedge on the wall.',
  ],
  ['Dew', 'pendant', '#5f8d93', 10900, 'Mouth-blown glass, each drop a little different.'],
  ['Stairwell', 'wall', '#5b6f95', 7900, 'Up-and-down light for halls and landings.'],
  [
    'Bracket',
    'wall',
    '#96683f',
    8400,
    'Reading light with a swivel arm; no drilling through tiles.',
  ],
  ['Gallery', 'wall', '#99803f', 11400, 'A long brass tube over the picture that deserves it.'],
  ['Porch', 'wall', '#4e7468', 9900, 'For outdoors: sealed, and warm enough to be welcoming.'],
  [
    'Wanderer',
    'lantern',
    '#c2702f',
    5900,
    'Rechargeable, twelve hours, with a handle of waxed cord.',
  ],
  [
    'Harbour',
    'lantern',
    '#4a6f8f',
    6900,
    'A storm lantern that has been electrified, and misses nothing.',
  ],
  ['Firefly', 'lantern', '#7f9440', 3900, 'Pocket-sized. Three of them make a garden party.'],
  ['Hearth', 'lantern', '#b3502f', 7900, 'Flickers like a fire, slowly enough to fall asleep by.'],
]

/** On the homepage: one of each kind, and two more. */
const FEATURED = [
  'Marlow',
  'Draughtsman',
  'Heron',
  'Harvest Moon',
  'Gallery',
  'Wanderer',
  'Ottoline',
  'Dew',
]

export const CATALOGUE: readonly Product[] = ROWS.map(
  ([name, kind, colour, priceCents, description]) => ({
    id: `${name.toLowerCase().replaceAll(' ', '-')}-${kind}-lamp`.replace(
      'lantern-lamp',
      'lantern',
    ),
    name: kind === 'lantern' ? `${name} lantern` : `${name} ${kind} lamp`,
    kind,
    colour,
    priceCents,
    isFeatured: FEATURED.includes(name),
    description,
  }),
)
