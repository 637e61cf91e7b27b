/** An owner that dies as soon as it has declared epochs, before anything of them is written. */
import { crashableResources } from 'spillway/testing'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import type { RunOptions } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import type { GivenPorts } from './given-ports.ts'

export const isDeclared = (doc: LedgerDocument): boolean =>
  Object.values(doc.lanes).some((lane) => lane.declared !== null)

/** The ledger with other changes or reads. */
export const around = (ledger: Ledger, other: Partial<Pick<Ledger, 'compareAndSet' | 'read'>>): Ledger => ({
  read: (key) => ledger.read(key),
  keys: (topology) => ledger.keys(topology),
  close: () => ledger.close(),
  compareAndSet: (key, expected, next) => ledger.compareAndSet(key, expected, next),
  ...other,
})

export const dieWhenDeclared = async (given: GivenPorts, topology: Topology, options?: RunOptions): Promise<void> => {
  const { resources } = given
  const { ledger } = resources
  const watched = around(ledger, {
    compareAndSet: async (key, expected, next) => {
      const answer = await ledger.compareAndSet(key, expected, next)
      if (isDeclared(next)) ports.crash()
      return answer
    },
  })
  const ports = crashableResources({ ...resources, ledger: watched })
  given.resources = ports
  await given.drive(Promise.race([given.start(topology, options), ports.crashed]).then(() => ports.crashed))
  given.resources = resources
}
