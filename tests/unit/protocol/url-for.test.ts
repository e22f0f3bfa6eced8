import { expect, test } from 'vitest'
import { getArtifact, getNow, listRuns, ROUTES, urlFor } from '../../../src/protocol/public-api.ts'

const RUN = '0190a0d0-0000-7000-8000-000000000001'

test.each([
  {
    contract: getNow,
    params: {},
    query: {},
    url: '/api/v1/now',
    why: 'neither parameters nor query',
  },
  {
    contract: getArtifact,
    params: { runId: RUN, name: 'step-1.png' },
    query: {},
    url: `/api/v1/runs/${RUN}/artifacts/step-1.png`,
    why: 'parameters',
  },
  {
    contract: getArtifact,
    params: { runId: 'a/../b', name: 'ü?#' },
    query: {},
    url: '/api/v1/runs/a%2F..%2Fb/artifacts/%C3%BC%3F%23',
    why: 'parameters cannot leave their place',
  },
  {
    contract: listRuns,
    params: {},
    query: { check: 'shop-home', limit: 5 },
    url: '/api/v1/runs?check=shop-home&limit=5',
    why: 'a query',
  },
  {
    contract: listRuns,
    params: {},
    query: { check: undefined, region: 'eu-west' },
    url: '/api/v1/runs?region=eu-west',
    why: 'what is undefined is left out',
  },
  {
    contract: listRuns,
    params: {},
    query: { cursor: 'a&b=c d+e' },
    url: '/api/v1/runs?cursor=a%26b%3Dc%20d%2Be',
    why: 'a query cannot add to itself',
  },
])('$url: $why', ({ contract, params, query, url }) => {
  expect(urlFor(contract, params, query as Record<string, string | number | undefined>)).toBe(url)
})

test('a query survives the way through URL', () => {
  const cursor = '100%&=+ /ü'
  const url = new URL(urlFor(listRuns, {}, { cursor }), 'http://127.0.0.1')
  expect(url.searchParams.get('cursor')).toBe(cursor)
})

test.each(Object.entries(ROUTES))('%s declares each parameter of its path', (_, contract) => {
  const inPath = [...contract.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => name)
  const declared = 'params' in contract ? Object.keys(contract.params.shape) : []
  expect(declared.sort()).toEqual(inPath.sort())
})
