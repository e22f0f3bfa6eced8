import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { fontCharacters } from '../../../src/coordinator/font-characters.ts'
import { markdownToPdf } from '../../../src/coordinator/postmortem-pdf.ts'

const { Roboto } = createRequire(import.meta.url)('pdfmake/fonts/Roboto.js') as {
  Roboto: Record<string, string>
}

test.each(Object.entries(Roboto))('the font has the scripts that are promised, %s', (_, file) => {
  const characters = fontCharacters(file)
  const has = (text: string) => [...text].filter((sign) => characters.has(sign.codePointAt(0) ?? 0))
  for (const text of ['Aéñßœẵ', 'ЖяґЇ', 'Ωαώ', '€–“”…•≤']) expect(has(text).join('')).toBe(text)
  expect(has('中あ한אا→✓🔥')).toEqual([])
})

const reader = spawnSync('pdftotext', ['-v'], { timeout: 10_000 })
if (reader.error) process.stderr.write('\nSKIPPED: PDFs are not read back: no pdftotext is here\n')

test.skipIf(reader.error)('no sign of a document is an empty box', async () => {
  const markdown = [
    '# Störung → ✓',
    '',
    '* Касса не работала, Ελλάδα, **注意**(x)',
    '',
    '| what | how |',
    '|---|---|',
    '| 🔥 `db✗` | ≥ 5 |',
    '',
    '```',
    'mv a → b',
    '```',
  ].join('\n')
  const pdf = await markdownToPdf(markdown, 'Postmortem of INC-1')
  const { stdout, status } = spawnSync('pdftotext', ['-layout', '-', '-'], {
    input: pdf,
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect(status).toBe(0)
  const text = stdout.replaceAll(/\s+/g, ' ')
  for (const words of [
    'Störung -> yes',
    'Касса не работала, Ελλάδα, [U+6CE8 U+610F](x)',
    '(fire) dbno',
    '≥',
    'mv a -> b',
    'told by their number in Unicode',
  ])
    expect(text).toContain(words)

  const plain = await markdownToPdf('# Only letters', 'Postmortem of INC-1')
  const said = spawnSync('pdftotext', ['-', '-'], { input: plain, encoding: 'utf8' }).stdout
  expect(said).not.toContain('Unicode')
})
