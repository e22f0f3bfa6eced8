import { describe, expect, test } from 'vitest'
import { bitsOfCipher, groupOf } from '../../../../src/probe/network/handshake-facts.ts'

describe('the length of a key', () => {
  test.each([
    ['TLS_AES_128_GCM_SHA256', 128],
    ['TLS_AES_256_GCM_SHA384', 256],
    ['TLS_CHACHA20_POLY1305_SHA256', 256],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 256],
    ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 168],
    ['TLS_RSA_WITH_RC4_128_SHA', 128],
    ['TLS_RSA_WITH_SEED_CBC_SHA', 128],
    ['TLS_RSA_WITH_CAMELLIA_256_CBC_SHA', 256],
    ['TLS_RSA_WITH_NULL_SHA', 0],
    ['TLS_NOBODY_KNOWS', undefined],
  ])('%s is %s bits', (name, bits) => {
    expect(bitsOfCipher(name)).toBe(bits)
  })
})

describe('the group of a key exchange', () => {
  test.each([
    [{ type: 'TLSGroup', name: 'X25519MLKEM768' }, 'X25519MLKEM768'],
    [{ type: 'ECDH', name: 'X25519', size: 253 }, 'X25519'],
    [{ type: 'ECDH', name: 'prime256v1', size: 256 }, 'P-256'],
    [{ type: 'TLSGroup', name: 'secp384r1' }, 'P-384'],
    [{ type: 'ECDH', name: 'secp521r1', size: 521 }, 'P-521'],
    [{ type: 'TLSGroup', name: 'SecP256r1MLKEM768' }, 'SecP256r1MLKEM768'],
    [{ type: 'DH', size: 2048 }, 'DHE-2048'],
    [{}, 'RSA'],
    [null, undefined],
  ])('%o is %s', (info, name) => {
    expect(groupOf(info)).toBe(name)
  })
})
