import { expect, test } from 'vitest'
import {
  ArtifactName,
  CheckId,
  IncidentId,
  Instant,
  RegionId,
  RunId,
} from '../../../src/protocol/ids.ts'

test.each([
  { schema: CheckId, text: 'checkout-stop', isFine: true, why: 'words and dashes' },
  { schema: CheckId, text: '404-page', isFine: true, why: 'digits first' },
  { schema: CheckId, text: 'a'.repeat(80), isFine: true, why: 'as long as may be' },
  { schema: CheckId, text: 'a'.repeat(81), isFine: false, why: 'too long' },
  { schema: CheckId, text: '', isFine: false, why: 'empty' },
  { schema: CheckId, text: 'Checkout', isFine: false, why: 'a capital letter' },
  { schema: CheckId, text: 'a--b', isFine: false, why: 'two dashes' },
  { schema: CheckId, text: '-a', isFine: false, why: 'a dash first' },
  { schema: CheckId, text: '../etc', isFine: false, why: 'a path' },
  { schema: CheckId, text: '__proto__', isFine: false, why: 'a name of the language' },
  { schema: RegionId, text: 'eu-west\n', isFine: false, why: 'a line break at the end' },
  { schema: RunId, text: '0190a0d0-0000-7000-8000-000000000001', isFine: true, why: 'a UUID' },
  { schema: RunId, text: 'run-1', isFine: false, why: 'no UUID' },
  { schema: IncidentId, text: 'INC-42', isFine: true, why: 'a number' },
  { schema: IncidentId, text: 'INC-', isFine: false, why: 'no number' },
  { schema: ArtifactName, text: 'go-to-checkout.png', isFine: true, why: 'a name with an ending' },
  { schema: ArtifactName, text: '../../x.png', isFine: false, why: 'a path' },
  { schema: ArtifactName, text: 'x', isFine: false, why: 'no ending' },
  { schema: ArtifactName, text: '.x', isFine: false, why: 'a hidden file' },
])('"$text" is accepted: $isFine ($why)', ({ schema, text, isFine }) => {
  expect(schema.safeParse(text).success).toBe(isFine)
})

test.each([-1, 0.5, Number.NaN, Infinity, '0'])('%s is no instant', (value) => {
  expect(Instant.safeParse(value).success).toBe(false)
})
