/**
 * How many commands a block of shell has: lines that are none of a longer one. A backslash, a pipe,
 * an open quote or bracket at the end of a line carries the command on; comments are none.
 */
export function countCommands(block: string): number {
  let count = 0
  let isOpen = false
  let quote = ''
  for (const line of block.split('\n')) {
    const text = line.trim()
    if (quote === '' && (text === '' || text.startsWith('#'))) continue
    if (!isOpen && quote === '') count++
    quote = quoteAfter(line, quote)
    isOpen = quote !== '' || /(\\|\||&&|\|\||[({[,])$/.test(text)
  }
  return count
}

/** The quote that is open at the end of a line; empty when none is. */
function quoteAfter(line: string, before: string): string {
  let open = before
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? ''
    if (sign === '\\' && open !== "'") at++
    else if (open === '' && (sign === "'" || sign === '"')) open = sign
    else if (sign === open) open = ''
  }
  return open
}
