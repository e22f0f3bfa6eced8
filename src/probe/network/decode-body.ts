import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'

/** Encodings one inside the other; nobody honest uses more than one. */
const ENCODINGS_MAX = 3

type Options = { maxOutputLength: number }
type Decompress = (input: Buffer, options: Options) => Promise<Buffer>

const unzip = promisify(gunzip) as Decompress
const fromZlib = promisify(inflate) as Decompress
const fromRaw = promisify(inflateRaw) as Decompress

const DECODERS: Record<string, Decompress> = {
  gzip: unzip,
  'x-gzip': unzip,
  br: promisify(brotliDecompress) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
  // RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare one.
  deflate: (input, options) =>
    ((input[0] ?? 0) & 0x0f) === 8 ? fromZlib(input, options) : fromRaw(input, options),
}

/**
 * Undoes `content-encoding`. A small body may unpack to any size, so at most `bytesMax` are made.
 *
 * @throws {CheckError} `http.too_large` above that, `http.malformed` when it cannot be unpacked.
 */
export async function decodeBody(
  body: Buffer,
  contentEncoding: string | undefined,
  bytesMax: number,
): Promise<Buffer> {
  const encodings = (contentEncoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (body.length === 0) return body
  if (encodings.length > ENCODINGS_MAX)
    throw new CheckError('http.malformed', `the body is packed ${encodings.length} times over`)
  let decoded = body
  for (const encoding of encodings.toReversed()) decoded = await unpack(decoded, encoding, bytesMax)
  return decoded
}

async function unpack(body: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  const decompress = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (!decompress)
    throw new CheckError('http.malformed', `the body's content-encoding "${encoding}" is not known`)
  try {
    return await decompress(body, { maxOutputLength })
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new CheckError(
        'http.too_large',
        `the body unpacks to more than the ${maxOutputLength} bytes that are read`,
      )
    throw new CheckError('http.malformed', `the body is no valid ${encoding}: ${messageOf(error)}`)
  }
}

/** Text in the charset that the server names; UTF-8 when it names none, or one that nobody knows. */
export function decodeText(body: Buffer, contentType: string | undefined): string {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return new TextDecoder().decode(body) // The label is not known: the most likely one, then.
  }
}
