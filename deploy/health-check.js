// Asks a process whether it is ready; images have no curl. Exit code 0: it is, 1: it is not.
//
// usage: node health-check.js http://127.0.0.1:8080/readyz
import process from 'node:process'

const DEADLINE_MS = 4_000

try {
  const answer = await fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(DEADLINE_MS) })
  if (!answer.ok) process.stderr.write(`it answers ${answer.status}: ${await answer.text()}\n`)
  process.exit(answer.ok ? 0 : 1)
} catch (error) {
  process.stderr.write(`it does not answer: ${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}
