/** A simulated bucket: whole objects under conditions, with requests that fail, conflict, arrive late or creep. */
import { expect, test } from 'vitest'
import type { ObjectBody } from '../../../../topology/model/ports/object-store.ts'
import {
  createSimulatedObjects,
  type SimulatedObjects,
} from '../../../../topology/testing/simulation/servers/simulated-objects.ts'
import { type GivenDice, givenDice } from '../given-dice.ts'

const retry = { publicName: 'storeUnavailable', errorClass: 'retry' }

const bodyOf = (...texts: readonly string[]): ObjectBody =>
  async function* () {
    for (const text of texts) yield Buffer.from(text)
  }

const givenObjects = (): { objects: SimulatedObjects; dice: GivenDice; pauses: () => number } => {
  const dice = givenDice()
  let pauses = 0
  const pause = async (): Promise<void> => {
    pauses += 1
  }
  return { objects: createSimulatedObjects({ dice, pause }), dice, pauses: () => pauses }
}

const textOf = async (objects: SimulatedObjects): Promise<string | undefined> => {
  const found = await objects.read('key')
  return found === undefined ? undefined : Buffer.from(found.bytes).toString()
}

test.each([
  ['objectBefore', undefined],
  ['objectAfter', 'body'],
  ['objectLate', undefined],
] as const)('after %s the object holds %s', async (kind, text) => {
  const { objects, dice } = givenObjects()
  dice.next(kind)
  await expect(objects.create('key', bodyOf('body'), {})).rejects.toMatchObject(retry)
  expect([await textOf(objects), dice.befell]).toEqual([text, [`${kind} key`]])
})

test('a late create brings its own bytes, and nothing where an object is by then', async () => {
  const { objects, dice } = givenObjects()
  const bytes = Buffer.from('first')
  for (const key of ['key', 'other']) {
    dice.next('objectLate')
    await expect(
      objects.create(
        key,
        async function* () {
          yield bytes
        },
        {},
      ),
    ).rejects.toMatchObject(retry)
  }
  bytes.fill(0)
  await objects.create('other', bodyOf('second'), {})
  expect(objects.pendingCount).toBe(2)
  await objects.deliver()
  expect([await textOf(objects), (await objects.read('other'))?.byteLength]).toEqual(['first', 6])
})

test('a late replace is refused when the object has changed meanwhile', async () => {
  const { objects, dice } = givenObjects()
  await objects.create('key', bodyOf('one'), {})
  const { etag } = (await objects.head('key'))!
  dice.next('objectLate')
  await expect(objects.replace('key', etag, bodyOf('late'), {})).rejects.toMatchObject(retry)
  expect(await objects.replace('key', etag, bodyOf('two'), {})).toBe('replaced')
  await objects.deliver()
  expect(await textOf(objects)).toBe('two')
})

test('a slow create sends its body piece by piece, and shows nothing of it before its end', async () => {
  const { objects, dice, pauses } = givenObjects()
  dice.next('objectSlow')
  const seen: unknown[] = []
  const body: ObjectBody = async function* () {
    for (const text of ['a', 'b', 'c']) {
      seen.push(await textOf(objects))
      yield Buffer.from(text)
    }
  }
  expect(await objects.create('key', body, {})).toBe('created')
  expect([seen, await textOf(objects), pauses()]).toEqual([[undefined, undefined, undefined], 'abc', 5])
})

test('a request beside another one of the same object may be refused as a conflict', async () => {
  const { objects, dice } = givenObjects()
  let conflict: Promise<unknown> = Promise.resolve()
  const body: ObjectBody = async function* () {
    // The next request passes the first time that it is asked for, and not the second time.
    let asked = 0
    dice.rig((kind) => kind === 'objectBefore' && ++asked === 2)
    conflict = objects.create('key', bodyOf('other'), {}).then(undefined, (error: unknown) => error)
    await conflict
    dice.rig(undefined)
    yield Buffer.from('mine')
  }
  await objects.create('key', body, {})
  expect(await conflict).toMatchObject({ ...retry, message: expect.stringContaining('under way') })
  expect(await textOf(objects)).toBe('mine')
})

test('a list is as current as a read', async () => {
  const { objects } = givenObjects()
  await objects.create('key', bodyOf('x'), {})
  expect((await Array.fromAsync(objects.list('k'))).map(({ key }) => key)).toEqual(['key'])
})
