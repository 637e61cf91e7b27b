/** One drill on real servers: a disturbance by its name. */
import { DrillRig, type DrillRigOptions, type DrillRigOutcome } from './drill-rig.ts'
import { type DisturbanceName, disturbances, workersIn } from './served-disturbances.ts'

export type ServedDrill = DrillRigOptions & { readonly name: DisturbanceName }

export const servedDrill = async (drill: ServedDrill): Promise<DrillRigOutcome> => {
  const rig = await DrillRig.prepare({ workers: workersIn(drill.name), ...drill })
  try {
    return await rig.play(disturbances[drill.name])
  } finally {
    await rig.clear()
  }
}
