/** One element of DER (X.690): its tag's first octet, its content, and all of it as it came. */
export type DerElement = { tag: number; content: Buffer; raw: Buffer }

const SEQUENCE = 0x30
const LONG_FORM = 0x80
/** Longer lengths than four octets say belong to nothing that a probe reads. */
const LENGTH_OCTETS_MAX = 4

/**
 * The elements that stand one after the other in `der`. It looks no deeper, so nothing recurses.
 *
 * @throws {RangeError} when an element says it is longer than what there is.
 */
export function readDer(der: Buffer): DerElement[] {
  const elements: DerElement[] = []
  let offset = 0
  while (offset < der.length) {
    const element = readElement(der.subarray(offset))
    elements.push(element)
    offset += element.raw.length
  }
  return elements
}

/** What is inside the one sequence that `der` is. */
export function readSequence(der: Buffer): DerElement[] {
  const { tag, content } = readElement(der)
  if (tag !== SEQUENCE) throw new RangeError(`expected a sequence, got the tag ${tag}`)
  return readDer(content)
}

function readElement(der: Buffer): DerElement {
  const { end, start, tag } = readHead(der)
  if (end > der.length) throw new RangeError('an element is longer than what there is')
  return { tag, content: der.subarray(start, end), raw: der.subarray(0, end) }
}

/** Where the first element of `received` ends; undefined while too little of it has come. */
export function endOfElement(received: Buffer): number | undefined {
  const octets = (received[1] ?? 0) & 0x7f
  const isLong = ((received[1] ?? 0) & LONG_FORM) !== 0
  if (received.length < 2 + (isLong ? octets : 0)) return undefined
  const { end } = readHead(received)
  return end <= received.length ? end : undefined
}

function readHead(der: Buffer): { tag: number; start: number; end: number } {
  const [tag, short] = der
  if (tag === undefined || short === undefined) throw new RangeError('an element has no length')
  if ((short & LONG_FORM) === 0) return { tag, start: 2, end: 2 + short }
  const octets = short & 0x7f
  if (octets === 0 || octets > LENGTH_OCTETS_MAX || der.length < 2 + octets)
    throw new RangeError('the length of an element cannot be read')
  const start = 2 + octets
  return { tag, start, end: start + der.readUIntBE(2, octets) }
}

/** An element with this content. */
export function writeDer(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  if (content.length < LONG_FORM)
    return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.alloc(LENGTH_OCTETS_MAX)
  length.writeUInt32BE(content.length)
  return Buffer.concat([Buffer.from([tag, LONG_FORM | LENGTH_OCTETS_MAX]), length, content])
}
