import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { AppError, codeOf } from '../../base/app-error.ts'
import { importBlackbox, type TextFile } from '../../definitions/import/blackbox.ts'
import { importGatus } from '../../definitions/import/gatus.ts'
import { importOpenSlo } from '../../definitions/import/open-slo.ts'
import { importUptimeKuma } from '../../definitions/import/uptime-kuma.ts'
import type { Imported } from '../../definitions/import/written-fleet.ts'
import { EXIT } from '../exit-codes.ts'
import { wrapText } from '../wrap-text.ts'

type Options = { targets?: string; out?: string }

const KINDS: Readonly<Record<string, (file: TextFile, options: Options) => Promise<Imported>>> = {
  async blackbox(config, { targets }) {
    if (targets === undefined)
      throw new AppError(
        'definitions.invalid',
        'a blackbox_exporter does not know its targets: name them with --targets <file>',
      )
    return importBlackbox(config, await read(targets))
  },
  gatus: async (config) => importGatus(config),
  'uptime-kuma': async (backup) => importUptimeKuma(backup),
  openslo: async (slos) => importOpenSlo(slos),
}

/** `firewatch import`: definitions of other tools as ours. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description(
      'Turn the configuration of another tool into definitions, and say what is left out.',
    )
    .argument('<kind>', `what wrote the file: ${Object.keys(KINDS).join(', ')}`, knownKind)
    .argument('<file>', 'its configuration')
    .option(
      '--targets <file>',
      'for blackbox: prometheus.yml, a file for file_sd, or lines of "module target"',
    )
    .option('--out <folder>', 'write probes/ and config/ there, over nothing that is there already')
    .addHelpText('after', wrapText(HELP))
    .action(async (kind: string, file: string, options: Options) => {
      const { files, leftOut } = (await KINDS[kind]?.(await read(file), options)) ?? none
      if (options.out === undefined)
        process.stdout.write(
          files.map(({ path, content }) => `# ${path}\n${content}`).join('---\n'),
        )
      else for (const one of files) await writeNew(join(options.out, one.path), one.content)
      for (const { place, why } of leftOut) process.stderr.write(`left out: ${place}: ${why}\n`)
      process.exitCode = leftOut.length === 0 ? EXIT.fine : EXIT.leftOut
    })
}

const none: Imported = { files: [], leftOut: [] }

const HELP = `
Values of secrets are never copied; their names and where to put them are said.

Exits with 0 when everything was converted, with 1 when something was left out (each on stderr, with
its place), with 2 when a file cannot be read or would be overwritten.`

function knownKind(kind: string): string {
  if (Object.hasOwn(KINDS, kind)) return kind
  throw new InvalidArgumentError(`expected one of ${Object.keys(KINDS).join(', ')}`)
}

async function read(file: string): Promise<TextFile> {
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (cause) {
    const why = codeOf(cause) ?? 'unknown'
    throw new AppError('definitions.invalid', `${file} cannot be read: ${why}`, { cause })
  }
}

async function writeNew(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(path, content, { flag: 'wx' })
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause
    throw new AppError('definitions.invalid', `${path} is there already, and stays`, { cause })
  }
}
