import { readFileSync } from 'node:fs'

/**
 * The characters that a TrueType font has a glyph for, by its `cmap` table: of format 12 where there is
 * one, which has all of Unicode, else of format 4.
 *
 * @throws {RangeError} where the file is no such font.
 * @see https://learn.microsoft.com/en-us/typography/opentype/spec/cmap
 */
export function fontCharacters(file: string): Set<number> {
  const bytes = readFileSync(file)
  const font = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cmap = tableAt(font, 'cmap')
  const subtables = Array.from({ length: font.getUint16(cmap + 2) }, (_, index) => {
    const at = cmap + font.getUint32(cmap + 4 + index * 8 + 4)
    return { at, format: font.getUint16(at) }
  })
  const whole = subtables.find(({ format }) => format === 12)
  if (whole) return groups(font, whole.at)
  const basic = subtables.find(({ format }) => format === 4)
  if (!basic) throw new RangeError(`${file}: no character map of format 4 or 12`)
  return segments(font, basic.at)
}

function tableAt(font: DataView, name: string): number {
  const tag = [...name].reduce((number, letter) => number * 256 + letter.charCodeAt(0), 0)
  for (let index = 0; index < font.getUint16(4); index++) {
    const record = 12 + index * 16
    if (font.getUint32(record) === tag) return font.getUint32(record + 8)
  }
  throw new RangeError(`the font has no table ${name}`)
}

/** Format 12: ranges of characters, each with its first glyph. */
function groups(font: DataView, at: number): Set<number> {
  const found = new Set<number>()
  for (let index = 0; index < font.getUint32(at + 12); index++) {
    const group = at + 16 + index * 12
    const [first, last] = [font.getUint32(group), font.getUint32(group + 4)]
    const glyph = font.getUint32(group + 8)
    for (let code = first; code <= last; code++) if (glyph + code - first !== 0) found.add(code)
  }
  return found
}

/** Format 4: ranges of the first 65,536 characters, with a shift or a list of glyphs. */
function segments(font: DataView, at: number): Set<number> {
  const found = new Set<number>()
  const size = font.getUint16(at + 6)
  const [ends, starts] = [at + 14, at + 16 + size]
  const [shifts, offsets] = [starts + size, starts + 2 * size]
  for (let place = 0; place < size; place += 2) {
    const [first, last] = [font.getUint16(starts + place), font.getUint16(ends + place)]
    const offset = font.getUint16(offsets + place)
    for (let code = first; code <= last && code !== 0xffff; code++) {
      const glyph =
        offset === 0
          ? (code + font.getUint16(shifts + place)) & 0xffff
          : font.getUint16(offsets + place + offset + (code - first) * 2)
      if (glyph !== 0) found.add(code)
    }
  }
  return found
}
