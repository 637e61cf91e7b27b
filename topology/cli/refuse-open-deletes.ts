/**
 * A search for duplicates beside a delete that is not done could keep an event that the delete takes, and delete its
 * copies: then none would be left. So it waits for deletes on its collection to be done.
 */
import type { DuplicatesJob } from '../judge-duplicates.ts'
import { errors } from '../model/errors.ts'
import { readDeletes, type ShownDelete } from '../read-deletes.ts'
import type { OpenDesk } from './with-desk.ts'

const namesShown = 3

/** Throws `deletesOpen`. The job itself, where it goes on, never takes what it keeps. */
export const refuseOpenDeletes = async ({ rows, ledger, topology }: OpenDesk, job: DuplicatesJob): Promise<void> => {
  const { deletes } = await readDeletes({ rows, ledger, topology: topology?.topology, ended: 0 })
  const open = deletes.filter((one) => one.isOpen && one.id !== job.id && mayReach(one, job))
  if (open.length === 0) return
  const names = open.slice(0, namesShown).map(({ id }) => id)
  const more = open.length - names.length
  const ids = more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`
  throw errors.deletesOpen({ collection: job.collection, ids })
}

/** A record that came without a request may say anything. */
const mayReach = ({ request }: ShownDelete, { project, collection }: DuplicatesJob): boolean =>
  request === undefined ||
  (request.project === project && (request.collection === undefined || request.collection === collection))
