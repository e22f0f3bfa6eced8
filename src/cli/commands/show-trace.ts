import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { RunId } from '../../protocol/ids.ts'
import { usualCoordinator } from '../coordinator-client.ts'
import { EXIT } from '../exit-codes.ts'
import { fetchTrace } from '../fetch-trace.ts'
import { listenForSignals } from '../listen-for-signals.ts'
import { startTraceViewer } from '../trace-viewer.ts'
import { wrapText } from '../wrap-text.ts'

/** `firewatch show-trace`: what a browser did, to be walked through. */
export function addShowTraceCommand(program: Command): void {
  program
    .command('show-trace')
    .description("Show the trace of a journey's run in Playwright's viewer, until Ctrl-C.")
    .argument('<file-or-run>', 'path of a trace.zip, or the id of a run')
    .option('--coordinator <url>', 'for a run: where the coordinator is', usualCoordinator())
    .addHelpText('after', wrapText(HELP))
    .action(async (named: string, { coordinator }: { coordinator: string }) => {
      process.exitCode = await showTrace(named, coordinator)
    })
}

const HELP = `
FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. Exits with 2 when
there is no such trace, with 3 when the coordinator does not answer.`

async function showTrace(named: string, coordinator: string): Promise<number> {
  if (!URL.canParse(coordinator))
    throw new AppError('request.invalid', `--coordinator: ${coordinator} is no address`)
  // In a folder of its own: the viewer serves what lies beside the trace as well.
  const folder = await mkdtemp(join(tmpdir(), 'firewatch-trace-'))
  const interrupted = listenForSignals()
  try {
    const file = join(folder, 'trace.zip')
    await putTrace(named, coordinator, file)
    const viewer = await startTraceViewer(file)
    process.stdout.write(`the trace is shown at ${viewer.address}\n`)
    process.stderr.write('Ctrl-C ends it\n')
    const isInterrupted = interrupted.signal.aborted || once(interrupted.signal, 'abort')
    await Promise.race([isInterrupted, viewer.ended])
    await viewer.stop()
    return interrupted.exitCode() ?? EXIT.undecided
  } finally {
    interrupted.stopListening()
    await rm(folder, { recursive: true, force: true })
  }
}

async function putTrace(named: string, coordinator: string, file: string): Promise<void> {
  if (existsSync(named)) {
    if (await isZip(named)) return copyFile(named, file)
    throw new AppError('request.invalid', `${named} is no trace; expected a zip from Playwright`)
  }
  if (!RunId.safeParse(named).success)
    throw new AppError('artifact.unknown', `there is no file ${named}, and no run has such an id`)
  await fetchTrace(named, coordinator, file)
}

const ZIP = 'PK\u0003\u0004'

async function isZip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    if (!(await file.stat()).isFile()) return false
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ZIP.length), 0, ZIP.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === ZIP
  } finally {
    await file.close()
  }
}
