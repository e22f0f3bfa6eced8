import { promisify } from 'node:util'
import {
  brotliDecompress,
  brotliDecompressSync,
  constants,
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib'
import { codeOf, messageOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'

/** Encodings one inside the other; nobody honest uses more than one. */
const ENCODINGS_MAX = 3

type Options = { maxOutputLength: number }
type Decompress = (input: Buffer, options: Options) => Promise<Buffer>

const unzip = promisify(gunzip) as Decompress
const fromZlib = promisify(inflate) as Decompress
const fromRaw = promisify(inflateRaw) as Decompress

// RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare one.
const isZlib = (input: Buffer) => ((input[0] ?? 0) & 0x0f) === 8

const DECODERS: Record<string, Decompress> = {
  gzip: unzip,
  'x-gzip': unzip,
  br: promisify(brotliDecompress) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
  deflate: (input, options) => (isZlib(input) ? fromZlib(input, options) : fromRaw(input, options)),
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
  const encodings = encodingsOf(contentEncoding)
  if (body.length === 0) return body
  if (encodings.length > ENCODINGS_MAX)
    throw new CheckError('http.malformed', `the body is packed ${encodings.length} times over`)
  let decoded = body
  for (const encoding of encodings.toReversed()) decoded = await unpack(decoded, encoding, bytesMax)
  return decoded
}

/** In the order in which they were applied. */
const encodingsOf = (contentEncoding = ''): string[] =>
  contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')

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

type DecompressPart = (input: Buffer, maxOutputLength: number) => Buffer

/** The same for bodies of which the end is missing. */
const PART_DECODERS: Record<string, DecompressPart> = {
  gzip: (input, maxOutputLength) => gunzipSync(input, { ...zlibPart, maxOutputLength }),
  'x-gzip': (input, maxOutputLength) => gunzipSync(input, { ...zlibPart, maxOutputLength }),
  br: (input, maxOutputLength) =>
    brotliDecompressSync(input, {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
      maxOutputLength,
    }),
  zstd: (input, maxOutputLength) =>
    zstdDecompressSync(input, { finishFlush: constants.ZSTD_e_flush, maxOutputLength }),
  deflate: (input, maxOutputLength) =>
    (isZlib(input) ? inflateSync : inflateRawSync)(input, { ...zlibPart, maxOutputLength }),
}
const zlibPart = { finishFlush: constants.Z_SYNC_FLUSH }

/**
 * Unpacks as much of a body as came, for people who look into a failure.
 *
 * @returns undefined when it cannot be unpacked, or is more than `bytesMax`.
 */
export function decodeReceived(
  received: Buffer,
  contentEncoding: string | undefined,
  bytesMax: number,
): Buffer | undefined {
  const encodings = encodingsOf(contentEncoding)
  if (encodings.length > ENCODINGS_MAX) return undefined
  let decoded = received
  for (const encoding of encodings.toReversed()) {
    const decompress = Object.hasOwn(PART_DECODERS, encoding) ? PART_DECODERS[encoding] : undefined
    if (!decompress) return undefined
    try {
      if (decoded.length > 0) decoded = decompress(decoded, bytesMax)
    } catch {
      return undefined // The run itself says what is wrong with it.
    }
  }
  return decoded
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
