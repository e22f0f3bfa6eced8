/**
 * Writes a definition the way that YAML looks, to be read by people. It is not for parsing: nothing
 * is escaped beyond what a reader needs.
 */
export function definitionText(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return listText(value, indent)
  if (typeof value !== 'object' || value === null) return scalarText(value)
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${indent}${key}:${nestedText(item, indent)}`)
    .join('\n')
}

function nestedText(item: unknown, indent: string): string {
  if (Array.isArray(item) && item.every((entry) => typeof entry !== 'object'))
    return ` [${item.map(scalarText).join(', ')}]`
  if (typeof item !== 'object' || item === null) {
    const text = scalarText(item)
    if (!text.includes('\n')) return ` ${text}`
    return ` |\n${text.trimEnd().replace(/^/gm, `${indent}  `)}`
  }
  if (Object.keys(item).length === 0) return ' {}'
  return `\n${definitionText(item, `${indent}  `)}`
}

function listText(items: readonly unknown[], indent: string): string {
  return items
    .map((item) => `${indent}- ${definitionText(item, `${indent}  `).trimStart()}`)
    .join('\n')
}

const scalarText = (value: unknown): string => (value === '' ? "''" : String(value))
