import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createHostsFile, parseHosts } from '../../../../src/probe/network/hosts-file.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

test('reads addresses, names and comments', () => {
  const table = parseHosts(
    [
      '# all of it',
      '127.0.0.1\tlocalhost  Shop.Test # here',
      '::1 localhost',
      '127.0.0.1 localhost',
      'nonsense shop.test',
      '',
    ].join('\r\n'),
  )
  expect(Object.fromEntries(table)).toEqual({
    localhost: ['127.0.0.1', '::1'],
    'shop.test': ['127.0.0.1'],
  })
})

test('sees a change of the file, and lives without it', async () => {
  const path = join(await tempFolder(), 'hosts')
  const hosts = createHostsFile(path)
  expect(hosts('shop.test')).toBeUndefined()

  writeFileSync(path, '192.0.2.1 shop.test')
  expect(hosts('shop.test')).toEqual(['192.0.2.1'])

  writeFileSync(path, '192.0.2.2 shop.test')
  utimesSync(path, 1, 1)
  expect(hosts('shop.test')).toEqual(['192.0.2.2'])
})
