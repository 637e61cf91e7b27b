/** Refuses a knob that does not exist, and a value out of its bounds. */
import { checkedSetting, type KnobSetting } from '../model/knobs/knob-setting.ts'

export const checkKnob = (name: string, value: KnobSetting): void => {
  checkedSetting(name, value)
}
