/** The open ports of a run, whose calls are measured or seen; every process that runs lanes has its own. */
import type { Resources } from '../../model/run-handle.ts'
import { meteredLedger } from './metered-ledger.ts'
import type { Meters } from './meters.ts'
import { watchedObjects, watchedRows } from './watched-stores.ts'

export const measuredResources = (resources: Resources, meters: Meters): Resources => ({
  ...resources,
  rows: watchedRows(resources.rows, meters),
  objects: watchedObjects(resources.objects, meters),
  ledger: meteredLedger(resources.ledger, meters),
})
