import type { Artifact } from '../../protocol/run.ts'

const WORDS: Readonly<Record<string, string>> = {
  'trace.zip': 'trace',
  'network.har': 'requests and answers (HAR)',
  'video.webm': 'video',
  'page.html': "page's DOM",
  'console.txt': 'console',
  'recording.json': 'about the recording',
  'screenshot.png': 'picture of the failing step',
  'exchange.json': 'exchange',
}

/** A file's name in words: `trace`, `picture 3`. */
export function artifactWords(name: string): string {
  const step = /^step-0*(\d+)\.png$/.exec(name)?.[1]
  return WORDS[name] ?? (step === undefined ? name : `picture ${step}`)
}

/** A recording is a second run, right after the first; by then it is uploaded. */
const LATER_WITHIN_MS = 120_000

/** Of a file that was announced and is not there. */
export const awaitedWords = (receivedAt: number, now: number): string =>
  now - receivedAt <= LATER_WITHIN_MS ? 'was announced; not here yet' : 'did not come'

/** The files of a run that are not there, by name. */
export const awaitedNames = (
  announced: readonly string[],
  stored: readonly Pick<Artifact, 'name'>[],
): string[] => announced.filter((name) => !stored.some((artifact) => artifact.name === name))
