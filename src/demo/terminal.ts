import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

export type LiveScreen = {
  /** Replaces what is shown. Elsewhere than on a terminal: prints the lines that are new. */
  show(lines: string[]): void
  close(): void
}

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_BELOW = '\x1b[J'

/** Of a terminal that says it has none: a serial line, or a container's without anybody's window. */
const ROWS = 24
const COLUMNS = 80

/** Draws a block of lines in place, or appends what changed where there is no terminal. */
export function createLiveScreen(stream: NodeJS.WriteStream): LiveScreen {
  return stream.isTTY ? terminalScreen(stream) : appendingScreen(stream)
}

function terminalScreen(stream: WriteStream): LiveScreen {
  let height = 0
  let shown = ''
  stream.write(HIDE_CURSOR)
  return {
    show(lines) {
      const fitting = lines
        .slice(0, Math.max(1, (stream.rows || ROWS) - 1))
        .map((line) => clip(line, stream.columns || COLUMNS))
      const text = fitting.join('\n')
      if (text === shown) return
      stream.write(`${height > 0 ? `\x1b[${height}A\r` : ''}${CLEAR_BELOW}${text}\n`)
      height = fitting.length
      shown = text
    },
    close: () => void stream.write(SHOW_CURSOR),
  }
}

/** A line that wraps would shift everything below it at the next drawing. */
function clip(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length < columns ? line : `${plain.slice(0, Math.max(1, columns - 2))}…`
}

function appendingScreen(stream: NodeJS.WritableStream): LiveScreen {
  let shown = new Set<string>()
  return {
    show(lines) {
      const plain = lines
        .map((line) => stripVTControlCharacters(line))
        .filter((line) => line !== '')
      for (const line of plain) if (!shown.has(line)) stream.write(`${line}\n`)
      shown = new Set(plain)
    },
    close: () => undefined,
  }
}
