import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { Problem } from '../problem.ts'
import { PROBLEMS_PER_FILE_MAX, readNode } from './read-node.ts'
import type { Environment } from './substitute.ts'
import { problemAtOffset, type YamlFile } from './yaml-file.ts'

/** What a file says, as far as it can be read. Without `yaml` nothing in it can be relied on. */
export type ParsedYaml = { yaml?: YamlFile; problems: Problem[] }

/**
 * Reads one file of definitions. Takes the part of YAML that people use in such files: one document
 * of mappings, lists and plain values. Tags, directives, merge keys and several documents are
 * refused; aliases are few at most. Never throws, whatever the text.
 */
export function parseYaml(file: string, text: string, environment: Environment): ParsedYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    merge: false,
    stringKeys: true,
    // Checked in `read-node.ts`, which can name the other place, and in linear time.
    uniqueKeys: false,
    logLevel: 'error',
  })
  const positionOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const source = { file, text, positionOf }

  // A text that is no YAML reads as something arbitrary; to judge that too would only add noise.
  const syntax = syntaxProblems(source, document.errors)
  if (syntax.length > 0) return { problems: syntax }

  const directive = /^%.*/m.exec(text.slice(0, document.contents?.range[0] ?? text.length))
  if (directive && document.directives?.docStart)
    return {
      problems: [
        problemAtOffset(source, directive.index, {
          message: 'YAML directives are not taken here',
          expected: 'a file without lines that begin with %',
        }),
      ],
    }

  const read = readNode(source, document.contents, environment)
  return {
    yaml: { ...source, value: read.value, place: read.place },
    problems: read.problems,
  }
}

type Source = Pick<YamlFile, 'file' | 'text' | 'positionOf'>

function syntaxProblems(source: Source, errors: readonly YAMLError[]): Problem[] {
  const exhausted = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION')
  if (exhausted)
    return [problemAtOffset(source, exhausted.pos[0], { message: 'nested too deeply to be read' })]

  const problems: Problem[] = []
  let lastLine = 0
  for (const error of errors) {
    // What the parser says further on the same line follows from the first.
    const { line } = source.positionOf(error.pos[0])
    if (line === lastLine) continue
    lastLine = line
    problems.push(syntaxProblem(source, error))
    if (problems.length === PROBLEMS_PER_FILE_MAX) break
  }
  return problems
}

function syntaxProblem(source: Source, error: YAMLError): Problem {
  const offset = error.pos[0]
  if (error.code === 'MULTIPLE_DOCS')
    return problemAtOffset(source, offset, {
      message: 'a second document begins here',
      expected: 'one document a file',
    })
  if (error.code === 'NON_STRING_KEY')
    return problemAtOffset(source, offset, { message: 'a key must be plain text' })
  const lineStart = source.text.lastIndexOf('\n', offset - 1) + 1
  if (error.code === 'UNEXPECTED_TOKEN' && source.text.slice(lineStart, offset).endsWith('$'))
    return problemAtOffset(source, offset - 1, {
      message: 'inside [ ] and { } YAML takes the brace of a variable for its own',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people should write.
      expected: 'quotes around it, such as "${NAME}"',
    })
  return problemAtOffset(source, offset, { message: `not valid YAML: ${firstLine(error.message)}` })
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? ''
  return line.charAt(0).toLowerCase() + line.slice(1)
}
