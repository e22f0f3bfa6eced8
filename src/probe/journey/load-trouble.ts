import type { Complaint } from '../../definitions/problem.ts'
import { complaintOf } from './load-complaint.ts'

/** What is wrong with a file of a journey, and where. */
export type LoadTrouble = Complaint & {
  /** Absolute. */
  file: string
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units as editors count. */
  column: number
}

/** What was thrown while a journey was loaded, as far as it tells. */
export type ThrownAtLoad = { name: string; message: string; stack: string }

/** The text of a file, or undefined where it cannot be read. */
export type SourceOf = (file: string) => string | undefined

const FILE = String.raw`(?:file:\/\/)?(\/[^\s():?]+(?:%20[^\s():?]+)*)(?:\?v=\d+)?`
const MISSING = /^Cannot find (module|package) '([^']+)' imported from (.+?)(?:\?v=\d+)?$/m
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g
/** How Node begins a stack when it knows the line that it could not read. */
const HEADING = new RegExp(`^${FILE}:(\\d+)\\n`)
const FRAME = new RegExp(`^ +at (?:.*[ (])?${FILE}:(\\d+):(\\d+)\\)?$`, 'gm')

/**
 * Finds the place in what people wrote at which loading a journey failed.
 *
 * Node says it in three ways: syntax errors and wrong names begin their stack with the line and
 * carets below it; what the code threw has the place in its frames; an import that leads nowhere
 * names only the two files, so that its line is looked for in the text.
 *
 * @param isOurs whether a file belongs to Firewatch or to a package, where nobody looks for a mistake.
 */
export function findLoadTrouble(
  file: string,
  thrown: ThrownAtLoad,
  { sourceOf, isOurs }: { sourceOf: SourceOf; isOurs(file: string): boolean },
): LoadTrouble {
  const missing = missingImport(thrown, sourceOf)
  if (missing) return missing
  const place = headingPlace(thrown.stack, sourceOf) ??
    framePlace(thrown.stack, isOurs) ??
    secondDeclaration(file, thrown, sourceOf) ?? { file, line: 1, column: 1 }
  return { ...place, ...complaintOf(thrown) }
}

/** A file without a journey in it: where its default export is, else its first line. */
export function noJourneyTrouble(file: string, sourceOf: SourceOf): LoadTrouble {
  const at = /^export default\b/m.exec(sourceOf(file) ?? '')?.index
  return {
    file,
    ...positionOf(sourceOf(file) ?? '', at ?? 0),
    message:
      at === undefined ? 'there is no default export' : 'the default export is not a journey',
    expected: 'export default journey(async ({ page, step }) => { … })',
  }
}

type Place = Pick<LoadTrouble, 'file' | 'line' | 'column'>

/** The import that leads nowhere. Node names the file that it would lead to; people wrote another word. */
function missingImport({ message }: ThrownAtLoad, sourceOf: SourceOf): LoadTrouble | undefined {
  const match = MISSING.exec(message)
  if (!match) return undefined
  const [, kind, missing = '', importer = ''] = match
  const file = pathOf(importer)
  const text = sourceOf(file) ?? ''
  const written = [...text.matchAll(IMPORT)].find(([, , specifier = '']) =>
    kind === 'package'
      ? specifier === missing || specifier.startsWith(`${missing}/`)
      : specifier.split('/').at(-1) === missing.split('/').at(-1),
  )
  const [whole = '', quote = '', specifier = missing] = written ?? []
  const at = written ? written.index + whole.lastIndexOf(`${quote}${specifier}`) : 0
  const place = { file, ...positionOf(text, at) }
  if (kind === 'package')
    return {
      ...place,
      message: `there is no package ${missing} here`,
      expected: 'one that is installed',
    }
  const ending = ['.ts', '/index.ts'].find((end) => sourceOf(`${missing}${end}`) !== undefined)
  const complaint = { message: `there is no file ${specifier}` }
  return { ...place, ...complaint, ...(ending && { suggestion: `${specifier}${ending}` }) }
}

function headingPlace(stack: string, sourceOf: SourceOf): Place | undefined {
  const heading = HEADING.exec(stack)
  if (!heading) return undefined
  const file = pathOf(heading[1] ?? '')
  const line = Number(heading[2])
  const lines = stack.slice(heading[0].length).split('\n')
  const caretAt = lines.findIndex((text) => /^\s*\^+\s*$/.test(text))
  const carets = lines[caretAt] ?? ''
  const marked = lines[caretAt - 1]
  if (caretAt < 1 || marked === undefined) {
    // The end of the file came too early: there is nothing that could be marked.
    return {
      file,
      line,
      column: (sourceOf(file)?.split('\n')[line - 1] ?? '').trimEnd().length + 1,
    }
  }
  return { file, line, column: carets.indexOf('^') + 1 }
}

function framePlace(stack: string, isOurs: (file: string) => boolean): Place | undefined {
  for (const [, path = '', line, column] of stack.matchAll(FRAME)) {
    const file = pathOf(path)
    if (!isOurs(file)) return { file, line: Number(line), column: Number(column) }
  }
  return undefined
}

/** A name that is declared twice is all that the engine finds after the types are gone; it says no place. */
function secondDeclaration(
  file: string,
  { message }: ThrownAtLoad,
  sourceOf: SourceOf,
): Place | undefined {
  const name = /^Identifier '([^']+)' has already been declared/.exec(message)?.[1]
  const text = sourceOf(file)
  if (name === undefined || text === undefined) return undefined
  const pattern = new RegExp(
    `\\b(?:const|let|class|function|var)\\s+${escapePattern(name)}(?![\\w$])`,
    'g',
  )
  const last = [...text.matchAll(pattern)].at(1)
  return last && { file, ...positionOf(text, last.index + last[0].length - name.length) }
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

const pathOf = (path: string) => decodeURIComponent(path.replace(/^file:\/\//, ''))

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
