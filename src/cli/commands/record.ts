import { type Command, InvalidArgumentError } from 'commander'
import { printable } from '../../definitions/printable.ts'
import { type RecordedJourney, recordJourney } from '../../probe/record-journey.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { EXIT } from '../exit-codes.ts'
import { listenForSignals } from '../listen-for-signals.ts'
import { requireDisplay } from '../watched-run.ts'
import { wrapText } from '../wrap-text.ts'
import { placeJourney, sayWritten, serviceAt, writeJourney } from '../write-journey.ts'

type Options = { dir: string; url: string; service?: string }

/** `firewatch record`: what somebody does in a browser, as a journey. */
export function addRecordCommand(program: Command): void {
  program
    .command('record')
    .description('Do in a browser what a user does, and have it written down as a journey.')
    .argument('<name>', 'name of the journey, such as checkout-stop')
    .requiredOption('--url <url>', 'where it starts', readUrl)
    .option('--service <service>', 'the service that it belongs to, from config/services.yaml')
    .option('--dir <folder>', 'folder that holds probes/ and config/', '.')
    .addHelpText('after', wrapText(HELP))
    .action(async (name: string, options: Options) => {
      process.exitCode = await record(name, options)
    })
}

const HELP = `
Writes probes/<service>/<name>.journey.ts, and adds a check to probes/<service>/<service>.checks.yaml,
when you close the window or press Ctrl-C. Nothing that is there is overwritten. Without --service
it is the only one, or the one whose journeys start at the same origin.

Click with Shift held on what has to be there: the journey expects it, and the page gets no click.
What you type into fields for passwords, one-time codes and cards is not written down: the journey reads
it from secrets, which are listed at the end.

FIREWATCH_CONNECT_TO and FIREWATCH_CHROMIUM come from the environment. Exits with 2 when a name cannot
be taken, there is no display or browser, or the address cannot be opened.`

async function record(name: string, { dir: folder, url, service }: Options): Promise<number> {
  const { env: environment, platform } = process
  // Before anybody takes the trouble.
  const belongsTo = service ?? (await serviceAt(url, { folder, environment }))
  const place = await placeJourney(belongsTo, name, { folder, environment })
  requireDisplay('record', { environment, platform })
  process.stderr.write('opening a browser …\n')

  const interrupted = listenForSignals()
  const written = await recordJourney(belongsTo, {
    url,
    environment,
    signal: interrupted.signal,
    clock: systemClock,
    onReady: () => process.stderr.write(READY),
    onAction: (words) => process.stderr.write(`  ${printable(words)}\n`),
  }).finally(() => interrupted.stopListening())
  if (written.steps === 0) {
    process.stderr.write('nothing was recorded, and nothing is written\n')
    return interrupted.exitCode() ?? EXIT.nothingMatched
  }
  await writeJourney(place, { source: written.source, url, secrets: written.secrets })
  process.stdout.write(sayWritten(place))
  process.stderr.write(remarks(written))
  return EXIT.fine
}

const READY = `recording: do what a user does; close the window or press Ctrl-C when done
Shift and click on what has to be there
`

function remarks({ secrets, never, isCut }: RecordedJourney): string {
  const lines = [
    ...(secrets.length > 0
      ? [
          `It reads ${secrets.join(' and ')} from the environment: set ${secrets.length > 1 ? 'them' : 'it'} before.`,
        ]
      : []),
    ...(secrets.some((name) => /_TOTP(_\d+)?$/.test(name))
      ? ['For one-time codes it needs what an authenticator app is given, not a code.']
      : []),
    ...(never.length > 0
      ? [`The browser sent ${never.join(', ')}: if that orders something, see its first lines.`]
      : []),
    ...(isCut ? ['The recording was too long for a journey: its end is missing.'] : []),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function readUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('expected an address such as https://shop.example.com/')
}
