const IN_BRACES = /\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}/g
const NAME = /^[A-Z][A-Z0-9_]*$/

/**
 * Every text in a definition that may be the name of a secret, wherever its kind has such names: as the whole
 * text, or in `{{ }}`. Some are none (`POST`); whoever asks knows which secrets there are.
 */
export function namesInCheck(definition: unknown): Set<string> {
  const names = new Set<string>()
  const waiting: unknown[] = [definition]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string') {
      if (NAME.test(value)) names.add(value)
      for (const [, name = ''] of value.matchAll(IN_BRACES)) names.add(name)
    } else if (typeof value === 'object' && value !== null)
      waiting.push(...Object.values(value).filter((inner) => inner !== undefined))
  }
  return names
}
