import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { locationInStack } from '../../topology/declare/caller-location.ts'

const own = new URL('../../topology/declare/define-topology.ts', import.meta.url)

test('the first frame outside the library is the place, as a file URL or a path', () => {
  const stack = `Error
    at Object.spout (${own.href}:10:5)
    at sink (${fileURLToPath(own)}:11:5)
    at map (file:///home/ann/shop/node_modules/rxjs/map.js:3:1)
    at Array.map (<anonymous>)
    at file:///home/ann/my%20shop/topology.ts?v=2:12:9
    at main (/home/ann/main.ts:1:1)`
  expect(locationInStack(stack)).toEqual({ file: '/home/ann/my shop/topology.ts', line: 12, column: 9 })
})

test.each([
  ['at declare (/srv/a (copy)/shop.ts:3:4)', { file: '/srv/a (copy)/shop.ts', line: 3, column: 4 }],
  ['at async /srv/shop.ts:3:4', { file: '/srv/shop.ts', line: 3, column: 4 }],
  ['at declare (C:\\shop\\a.ts:3:4)', { file: 'C:\\shop\\a.ts', line: 3, column: 4 }],
  ['at node:internal/modules/run_main:1:2', undefined],
  ['', undefined],
])('frame %j is read', (frame, location) => {
  expect(locationInStack(`Error\n    ${frame}`)).toEqual(location)
})
