import { join } from 'node:path'
import type { ProbedCheck } from '../../../src/protocol/check.ts'
import { nextMessage, startCommand, startProgram, stopChild } from '../child-processes.ts'
import type { SinkReport } from './fleet-sink.ts'

const ROOT = join(import.meta.dirname, '../../..')

export type BenchProbe = {
  pid: number
  assign(checks: ProbedCheck[]): void
  /** What came in since the last report. */
  report(): Promise<SinkReport>
  stop(): Promise<void>
}

/** A whole probe as it is deployed, one process, with the coordinator's side of its interface. */
export async function startBenchProbe(folder: string): Promise<BenchProbe> {
  const sink = startProgram(join(import.meta.dirname, 'fleet-sink.ts'))
  const { port } = await nextMessage(sink, (message) => {
    const ready = message as { kind: string; port: number }
    return ready.kind === 'ready' ? ready : undefined
  })
  const probe = startCommand(process.execPath, [join(ROOT, 'src/cli/main.ts'), 'probe'], {
    ...process.env,
    FIREWATCH_COORDINATOR_URL: `http://127.0.0.1:${port}`,
    FIREWATCH_PROBE_TOKEN: 'bench',
    FIREWATCH_REGION: 'here',
    FIREWATCH_PROBE_DATA: join(folder, 'probe'),
    FIREWATCH_BROWSERS: '0',
    FIREWATCH_METRICS_PORT: '0',
    FIREWATCH_LOG_LEVEL: 'error',
  })
  return {
    pid: probe.pid ?? 0,
    assign: (checks) => void sink.send({ checks }),
    async report() {
      const reported = nextMessage(sink, (message) => {
        const report = message as SinkReport
        return report.kind === 'report' ? report : undefined
      })
      sink.send('report')
      return reported
    },
    async stop() {
      await stopChild(probe)
      await stopChild(sink)
    },
  }
}
