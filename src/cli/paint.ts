import { styleText } from 'node:util'
import type { Paint } from './run-report.ts'

/** Colours for what goes to stdout; knows NO_COLOR, FORCE_COLOR, and pipes. */
export const paintFor = (): Paint => (style, text) =>
  styleText(style, text, { stream: process.stdout, validateStream: true })
