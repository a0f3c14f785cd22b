import type { EventView, Explanation } from '../../api.ts'
import { Command, NextStep } from './copy.tsx'
import { Sign } from './icons.tsx'
import { Text } from './text.tsx'

const titles: Record<Explanation['steps'][number]['about'], string> = {
  answer: 'Answer',
  verification: 'Verification',
  split: 'Split',
  tenant: 'Value',
  mapping: 'Tenant',
  forward: 'Handler',
  diagnosis: 'Diagnosis',
}

/** Why it is whose it is, step by step. */
export function ExplanationTab({ view, onValue }: { view: EventView; onValue(): void }) {
  const { steps, value, header } = view.explanation
  const named = value ? value.path : header && `header ${header.name}`
  const lastOf = steps.findLastIndex(step => step.about === 'tenant')
  return (
    <>
      <ol class="steps">
        {steps.map(({ about, text, good }, index) => (
          <li class={good ? 'step good' : 'step bad'}>
            <span class="step-sign">
              <Sign name={good ? 'check' : 'close'} size={12} />
            </span>
            <div>
              <h3>{steps[index - 1]?.about === about ? '' : titles[about]}</h3>
              {about === 'diagnosis' && / whs /.test(text) ? (
                <div class="next">
                  <NextStep text={text.replace(/^next: /, '')} />
                </div>
              ) : (
                <p>
                  <Text value={text} lines />
                </p>
              )}
              {index === lastOf && named && (
                <button type="button" class="button link" onClick={onValue}>
                  <code>
                    <Text value={named} />
                  </code>
                  show it
                </button>
              )}
            </div>
          </li>
        ))}
      </ol>
      <p class="note">
        <Command text={view.commands.explain} />
      </p>
    </>
  )
}
