/**
 * What all epochs of a process have spilled together: a bound beside each epoch's own, so that many open ones do not fill
 * the disk. An epoch that finds no room closes; what it cannot take meanwhile waits in the log.
 */
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'

export class SpillRoom {
  #usedBytes = 0

  get usedBytes(): number {
    return this.#usedBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes
  }
}

const rooms = new WeakMap<ObjectStore, SpillRoom>()

/** All archives of a run write to one store. */
export const spillRoomOf = (store: ObjectStore): SpillRoom => {
  const found = rooms.get(store) ?? new SpillRoom()
  rooms.set(store, found)
  return found
}
