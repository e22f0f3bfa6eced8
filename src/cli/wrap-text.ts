/** What a terminal shows without breaking a line. */
const LINE_WIDTH = 80

/**
 * Breaks prose between words, so that no line is longer than a terminal is wide. Paragraphs stay apart. In a
 * list, whose lines begin with spaces, each line breaks by itself, and goes on below its second column.
 */
export function wrapText(text: string, width = LINE_WIDTH): string {
  return text
    .split('\n\n')
    .map((paragraph) =>
      /^ /m.test(paragraph) ? wrapList(paragraph, width) : wrapParagraph(paragraph, width),
    )
    .join('\n\n')
}

function wrapParagraph(paragraph: string, width: number): string {
  const [, begin = '', prose = '', end = ''] = /^(\n*)(.*?)(\n*)$/s.exec(paragraph) ?? []
  return `${begin}${linesOf(prose, width).join('\n')}${end}`
}

function wrapList(list: string, width: number): string {
  return list
    .split('\n')
    .map((line) => {
      const [, column = '', prose] = /^( +\S.*? {2,}|\s+)(\S.*)$/.exec(line) ?? []
      if (prose === undefined) return line
      return column + linesOf(prose, width - column.length).join(`\n${' '.repeat(column.length)}`)
    })
    .join('\n')
}

function linesOf(prose: string, width: number): string[] {
  const lines: string[] = []
  for (const word of prose.split(/\s+/)) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}
