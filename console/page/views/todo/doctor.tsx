import { useSignal } from '@preact/signals';
import { diagnosis, findingsIn } from '../../core/diagnosis.ts';
import { textOfFile } from '../../core/file-text.ts';
import { Copy } from '../../parts/copy.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Text } from '../../parts/text.tsx';

const COMMAND = 'eks-whois doctor -o json > doctor.json';
const TONES = { high: 'wrong', medium: 'doubt', low: 'plain' } as const;

/** What keeps sessions from being named, as doctor found it with the rights of whoever ran it. */
export function Doctor() {
  const findings = diagnosis.value;
  const flaw = useSignal('');
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const of = await textOfFile(file);
    const found = 'text' in of ? findingsIn(of.text) : undefined;
    flaw.value = 'flaw' in of ? of.flaw : found === undefined ? `${file.name} is nothing that doctor wrote.` : '';
    if (found !== undefined) diagnosis.value = found;
  };
  return (
    <section class="card todo-group" aria-label="doctor">
      <h2>{findings === undefined ? 'What keeps sessions from being named?' : `Doctor found ${findings.length}`}</h2>
      <p class="todo-next">
        {findings === undefined && 'Doctor looks with your own rights; what it found is shown here, and sent nowhere.'}
        <Copy of={COMMAND} />
        <FileButton label="Show what doctor found" onFile={read}>
          doctor.json
        </FileButton>
        <span role="status">{flaw.value}</span>
      </p>
      {findings?.map(({ id, severity, subject, evidence, why, mend }) => (
        <div>
          <h3>
            <span class={`tag tag-${TONES[severity]}`}>{id}</span> <Text of={subject} />
          </h3>
          <p>{why}</p>
          <p class="aside">
            <Text of={evidence} />
          </p>
          <p class="todo-next">
            <b>Next</b> <Text of={mend} />
          </p>
        </div>
      ))}
    </section>
  );
}
