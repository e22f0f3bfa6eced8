/** An address of 4 or 16 bytes, as people write it; of 16 in the form of RFC 5952. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2))
  const zeros = longestZeros(words)
  const hexOf = (part: number[]) => part.map((word) => word.toString(16)).join(':')
  if (zeros.count < 2) return hexOf(words)
  const isIpv4Inside =
    zeros.at === 0 && (zeros.count === 6 || (zeros.count === 5 && words[5] === 0xffff))
  if (isIpv4Inside) return `::${zeros.count === 5 ? 'ffff:' : ''}${bytes.subarray(12).join('.')}`
  return `${hexOf(words.slice(0, zeros.at))}::${hexOf(words.slice(zeros.at + zeros.count))}`
}

/** The first of the longest rows of zeros. */
function longestZeros(words: readonly number[]): { at: number; count: number } {
  let longest = { at: 0, count: 0 }
  let count = 0
  for (const [index, word] of words.entries()) {
    count = word === 0 ? count + 1 : 0
    if (count > longest.count) longest = { at: index + 1 - count, count }
  }
  return longest
}
