/**
 * Decides who wins an object, without a lock that a killed process could leave behind.
 *
 * Each object has a chain of generations: small hidden records, numbered, each put in its place by link(2), which only
 * one caller can win. That link is the moment at which a create or replace happens. The bytes of the winner wait under a
 * name of their own and are moved to the visible name once: by the winner, or by whoever comes next if the winner died.
 *
 * Why it holds. A body can be moved only once, because moving it takes its name away: a late helper finds nothing. The
 * next generation can be linked only after the body before it was moved, so bodies become visible in the order of the
 * chain. The record stands before its object is visible, so an object that can be seen has its metadata (I-5: its
 * owner can always be checked). Old records may be removed, the last never is: a writer that woke up late and linked
 * a number that had been removed sees a higher one, while its body still waits, and withdraws.
 */
import { dirname } from 'node:path'
import { errors } from '../../../topology/model/errors.ts'
import type { ObjectMetadata } from '../../../topology/model/ports/object-store.ts'
import type { FolderFiles } from './folder-files.ts'
import { type FolderPaths, generationOf } from './folder-paths.ts'

export interface GenerationRecord {
  readonly format: 1
  readonly key: string
  /** Name of the body while it waits. */
  readonly token: string
  /** Whether the visible name must be free: a create. */
  readonly first: boolean
  readonly metadata: ObjectMetadata
}

/** What stands under a key: `record` is absent for a file that somebody else put there. */
export interface SettledObject {
  readonly generation: number
  readonly record: GenerationRecord | undefined
  /** `undefined`: there is no object. */
  readonly byteLength: number | undefined
}

export interface GenerationChain {
  /** The newest generation, its body visible. */
  settle(key: string): Promise<SettledObject>
  /** Puts a record whose body waits behind `after`. `lost`: another one stands there; the caller withdraws its files. */
  append(record: GenerationRecord, after: number): Promise<'won' | 'lost'>
}

export const openGenerationChain = (paths: FolderPaths, files: FolderFiles): GenerationChain => {
  const newest = async (key: string): Promise<number> => {
    const names = await files.names(paths.generations(key))
    return names.reduce((highest, { name }) => Math.max(highest, generationOf(name) ?? -1), -1)
  }

  const settle = async (key: string): Promise<SettledObject> => {
    for (;;) {
      const generation = await newest(key)
      if (generation < 0) return { generation, record: undefined, byteLength: await visibleLength(paths, files, key) }
      const record = await readRecord(files, paths.generation(key, generation))
      // Removed between the two looks: a newer one stands there.
      if (record === undefined) continue
      if (record.key !== key) throw sameFile(key, record.key)
      await makeVisible(paths, files, record)
      return { generation, record, byteLength: await visibleLength(paths, files, key) }
    }
  }

  const append = async (record: GenerationRecord, after: number): Promise<'won' | 'lost'> => {
    const place = paths.generation(record.key, after + 1)
    const source = paths.record(record.token)
    let linked = await files.link(source, place)
    if (linked === 'absent') {
      await files.makeFolder(dirname(place))
      linked = await files.link(source, place)
    }
    if (linked !== 'linked') return 'lost'
    const isLate = (await newest(record.key)) > after + 1
    if (isLate && (await files.facts(paths.body(record.token))) !== undefined) {
      await files.remove(place)
      return 'lost'
    }
    await files.syncFolder(dirname(place))
    await makeVisible(paths, files, record)
    for (const { name } of after < 0 ? [] : await files.names(dirname(place))) {
      const generation = generationOf(name)
      if (generation !== undefined && generation <= after) await files.remove(paths.generation(record.key, generation))
    }
    return 'won'
  }

  return { settle, append }
}

const visibleLength = async (paths: FolderPaths, files: FolderFiles, key: string): Promise<number | undefined> =>
  (await files.facts(paths.visible(key)))?.byteLength

/** Moves a waiting body to its visible name; nothing happens when it no longer waits. */
const makeVisible = async (paths: FolderPaths, files: FolderFiles, record: GenerationRecord): Promise<void> => {
  const body = paths.body(record.token)
  const visible = paths.visible(record.key)
  if ((await files.facts(body)) === undefined) return
  const move = record.first ? files.link : files.rename
  let moved = await move(body, visible)
  if (moved === 'absent') {
    await files.makeFolder(dirname(visible))
    moved = await move(body, visible)
  }
  if (moved === 'exists') await assertSameFile(files, body, visible)
  await files.syncFolder(dirname(visible))
  if (record.first) await files.remove(body)
}

/** A body that is linked already is our own earlier step; any other file is in the way. */
const assertSameFile = async (files: FolderFiles, body: string, visible: string): Promise<void> => {
  // In this order: were it a later generation that is seen, the body would be gone by the second look.
  const seen = await files.facts(visible)
  const waiting = await files.facts(body)
  if (waiting === undefined || waiting.identity === seen?.identity) return
  throw errors.pathUnusable({ path: visible, reason: 'another program put a file here' })
}

const sameFile = (key: string, other: string): Error =>
  errors.pathUnusable({
    path: key,
    reason: `this file system does not tell it from ${other}; use one that keeps upper and lower case apart`,
  })

export const readRecord = async (files: FolderFiles, path: string): Promise<GenerationRecord | undefined> => {
  const bytes = await files.readBytes(path)
  if (bytes === undefined) return undefined
  const record = parsed(bytes)
  if (record === undefined)
    throw errors.storeFormat({ store: path, reason: 'is no record of this version of Spillway' })
  return record
}

/** A record, or `undefined` for bytes that are none: a writer died while it wrote them. */
export const parsed = (bytes: Uint8Array): GenerationRecord | undefined => {
  try {
    const record = JSON.parse(Buffer.from(bytes).toString()) as Partial<GenerationRecord> // checked in the next line
    return record.format === 1 && typeof record.key === 'string' ? (record as GenerationRecord) : undefined // written whole or not at all
  } catch {
    return undefined
  }
}
