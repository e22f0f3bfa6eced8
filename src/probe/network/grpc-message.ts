/**
 * The two messages of the health protocol, and the frames that gRPC puts messages in:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and `health.proto` beside it.
 */

/** A flag and a length. */
export const FRAME_HEADER_BYTES = 5
/** The answer is two bytes long; whoever sends more than this does not speak the protocol. */
export const GRPC_MESSAGE_BYTES_MAX = 64 * 1024

/** `HealthCheckRequest`, within its frame. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message =
    name.length === 0
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0x0a]), encodeVarint(name.length), name])
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

/** A frame's message; `incomplete` asks for more bytes. */
export type GrpcFrame =
  | { kind: 'message'; message: Buffer }
  | { kind: 'incomplete' }
  | { kind: 'malformed'; why: string }

/** Reads the first frame of what came. Never throws. */
export function readGrpcFrame(bytes: Buffer): GrpcFrame {
  if (bytes.length < FRAME_HEADER_BYTES) return { kind: 'incomplete' }
  const flag = bytes.readUInt8(0)
  const length = bytes.readUInt32BE(1)
  if (flag === 1)
    return { kind: 'malformed', why: 'its message is compressed, which was not asked for' }
  if (flag !== 0) return { kind: 'malformed', why: `its message begins with the flag ${flag}` }
  if (length > GRPC_MESSAGE_BYTES_MAX)
    return { kind: 'malformed', why: `its message is said to have ${length} bytes` }
  if (bytes.length < FRAME_HEADER_BYTES + length) return { kind: 'incomplete' }
  return {
    kind: 'message',
    message: bytes.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length),
  }
}

const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/**
 * `servingStatus` of a `HealthCheckResponse`; a number of a newer version as such. Undefined for what
 * is no such message. Never throws.
 */
export function decodeHealthResponse(message: Buffer): string | undefined {
  let status = 0
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at)
    if (!tag || tag.value < 8) return undefined
    const end = skipField(message, tag.end, tag.value % 8)
    if (end === undefined) return undefined
    if (tag.value === 8) status = readVarint(message, tag.end)?.value ?? 0
    at = end
  }
  return SERVING_STATUSES[status] ?? String(status)
}

type Varint = { value: number; end: number }

const VARINT_BYTES_MAX = 10

function readVarint(bytes: Buffer, start: number): Varint | undefined {
  let value = 0
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = bytes[start + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: start + index + 1 }
  }
  return undefined
}

/** Where a field of a wire type ends that begins here; undefined when it does not. */
function skipField(bytes: Buffer, start: number, wireType: number): number | undefined {
  const endOf = (end: number) => (end <= bytes.length ? end : undefined)
  switch (wireType) {
    case 0:
      return readVarint(bytes, start)?.end
    case 1:
      return endOf(start + 8)
    case 2: {
      const length = readVarint(bytes, start)
      return length && endOf(length.end + length.value)
    }
    case 5:
      return endOf(start + 4)
    default:
      return undefined
  }
}
