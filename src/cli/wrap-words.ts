/** What a terminal shows without breaking a line itself. */
export const LINE_WIDTH = 80

/** Text on lines that a terminal need not break, each after `indent` spaces. A long word stays whole. */
export function wrapWords(text: string, indent = 0, width = LINE_WIDTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.map((part) => ' '.repeat(indent) + part)
}
