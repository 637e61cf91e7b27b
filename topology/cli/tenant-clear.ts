/** `topology tenant clear`: takes the limits and blocks of a tenant back. */
import { readControls } from '../../sinks/rows/controls.ts'
import { controlText, ruleOf, standingControls } from '../standing-controls.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { didYouMean } from './did-you-mean.ts'
import { withReader } from './open-reader.ts'
import { UsageProblems } from './usage-problems.ts'

export const tenantClear: CommandDefinition = {
  name: 'tenant clear',
  doc: 'Takes the limits and blocks of one tenant back: all of them, or with --branch the one of that branch. What has waited is caught up with in lanes of its own, then the tenant joins the others again.',
  arguments: [{ name: 'TENANT', doc: 'as `topology tenant list` shows it', isRequired: true }],
  options: [{ flags: '--branch <BRANCH>', doc: 'only the rule of this branch' }, ...controlOptions()],
  common: controlCommons,
  examples: ['topology tenant clear acme', 'topology tenant clear acme --branch archive'],
  run: (io, input) => {
    const [tenant = ''] = input.operands
    const branch = input.text('branch')
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { rows, topology } = reader
        const controls = await readControls(rows, topology.topology, 'tenant')
        const { rules } = standingControls(controls, asking.nowMs)
        const own = rules.filter((rule) => rule.tenant === tenant && (branch === undefined || rule.branch === branch))
        if (own.length === 0) {
          const names = [...new Set(rules.map((rule) => rule.tenant))]
          const text = `nothing holds for ${JSON.stringify(tenant)}${branch === undefined ? '' : ` in ${branch}`}`
          const hint =
            names.length === 0 ? 'No tenant is limited or blocked.' : `There is something for ${names.join(', ')}.`
          throw new UsageProblems([{ text: `${text}${didYouMean(tenant, names)}`, hint }])
        }
        let exit: ExitCode = 0
        for (const rule of own) {
          const where = rule.branch === undefined ? {} : { branch: rule.branch }
          const wish = { kind: 'tenant', tenant, ...where, eventsPerSecond: null } as const
          const was = controls.find((one) => ruleOf(one)?.tenant === tenant && ruleOf(one)?.branch === rule.branch)
          const inText = rule.branch === undefined ? '' : ` in ${rule.branch}`
          exit = await askAndTell(io, input, reader, wish, asking, {
            says: `${tenant} is free again${inText} (it was ${controlText(was, asking.nowMs)}); what waited is caught up with`,
          })
        }
        return exit
      },
      'write',
    )
  },
}
