import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endOfElement, readDer, readSequence, writeDer } from '../../../../src/probe/network/der.ts'

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array))

describe('DER', () => {
  test('what was written is read again, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(bytes(400), { maxLength: 5 }), (contents) => {
        const elements = contents.map((content) => writeDer(0x04, content))
        const read = readSequence(writeDer(0x30, ...elements))
        expect(read.map(({ content }) => content.toString('hex'))).toEqual(
          contents.map((content) => content.toString('hex')),
        )
        expect(read.map(({ raw }) => raw.toString('hex'))).toEqual(
          elements.map((element) => element.toString('hex')),
        )
      }),
    )
  })

  test('other bytes are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(bytes(64), (noise) => {
        try {
          for (const { raw } of readDer(noise)) expect(raw.length).toBeGreaterThan(1)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })

  test('the end of a message is found as soon as all of it is there, and not before', () => {
    fc.assert(
      fc.property(bytes(300), fc.nat(), (content, at) => {
        const message = writeDer(0x30, content)
        expect(endOfElement(Buffer.concat([message, Buffer.from('more')]))).toBe(message.length)
        expect(endOfElement(message.subarray(0, at % message.length))).toBeUndefined()
      }),
    )
  })

  test.each([
    ['a length without end', '3080'],
    ['a length of nine octets', '3089010101010101010101'],
    ['more than there is', '300501'],
    ['a tag alone', '30'],
  ])('%s is refused', (_name, hex) => {
    expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(RangeError)
  })

  test('what is no sequence is refused', () => {
    expect(() => readSequence(Buffer.from('0401ff', 'hex'))).toThrow(/expected a sequence/)
  })
})
