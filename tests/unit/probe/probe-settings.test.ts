import { expect, test } from 'vitest'
import { METRICS_PORT, readProbeSettings } from '../../../src/probe/probe-settings.ts'
import { environmentSecrets } from '../../../src/probe/secrets/environment-secrets.ts'

const required = {
  FIREWATCH_COORDINATOR_URL: 'https://firewatch.example.com',
  FIREWATCH_PROBE_TOKEN: 'a-token',
  FIREWATCH_REGION: 'eu-west',
}

test('everything but address, token and region has a default', () => {
  const settings = readProbeSettings(required)
  expect(settings).toMatchObject({
    probeId: expect.stringMatching(/^eu-west-[a-z0-9-]+$/),
    places: { network: 50, browsers: 1 },
    hostLimits: { memoryBytesMax: 1.5 * 1024 ** 3, tempBytesMax: 1024 ** 3 },
    metrics: { host: '127.0.0.1', port: METRICS_PORT },
    spoolBytesMax: 256 * 1024 * 1024,
  })
  expect(settings.dataFolder).toMatch(new RegExp(`/\\.firewatch/probe-${settings.probeId}$`))
})

test.each([
  { why: 'off opens no port', port: 'off', metrics: undefined },
  { why: '0 takes any free one', port: '0', metrics: { host: '127.0.0.1', port: 0 } },
  { why: 'a number is that port', port: '9000', metrics: { host: '127.0.0.1', port: 9_000 } },
])('the metrics port: $why', ({ port, metrics }) => {
  expect(readProbeSettings({ ...required, FIREWATCH_METRICS_PORT: port }).metrics).toEqual(metrics)
})

test.each([
  { name: 'FIREWATCH_METRICS_PORT', value: 'on' },
  { name: 'FIREWATCH_METRICS_PORT', value: '70000' },
  { name: 'FIREWATCH_COORDINATOR_URL', value: 'firewatch.example.com' },
  { name: 'FIREWATCH_REGION', value: 'EU' },
  { name: 'FIREWATCH_NETWORK_RUNS_MAX', value: '0' },
  { name: 'FIREWATCH_MEMORY_BYTES_MAX', value: '1000' },
  { name: 'FIREWATCH_TEMP_BYTES_MAX', value: '1000' },
  { name: 'FIREWATCH_CONNECT_TO', value: 'shop.test' },
  { name: 'FIREWATCH_SPOOL_BYTES_MAX', value: '1000' },
])('$name=$value is refused by name', ({ name, value }) => {
  expect(() => readProbeSettings({ ...required, [name]: value })).toThrow(name)
})

test('a check may read its own secrets, and never the probe’s', () => {
  const secret = environmentSecrets({ ...required, SHOP_PASSWORD: 'hunter2' })
  expect(secret('SHOP_PASSWORD')).toBe('hunter2')
  expect(secret('SHOP_USER')).toBeUndefined()
  expect(secret('FIREWATCH_PROBE_TOKEN')).toBeUndefined()
})
