import { Icon, type IconName } from '../ui/icon.tsx';
import { type Theme, theme } from './theme.ts';

const choices: readonly { value: Theme; name: string; icon: IconName }[] = [
  { value: 'system', name: 'As the system', icon: 'screen' },
  { value: 'light', name: 'Light', icon: 'sun' },
  { value: 'dark', name: 'Dark', icon: 'moon' },
];

/** Three radio buttons in the form of a switch. */
export function ThemeSwitch() {
  return (
    <fieldset class="switch">
      <legend class="unseen">Theme</legend>
      {choices.map(({ value, name, icon }) => (
        <label key={value} title={name}>
          <input
            type="radio"
            name="theme"
            class="unseen"
            checked={theme.value === value}
            onChange={() => {
              theme.value = value;
            }}
          />
          <Icon name={icon} />
          <span class="unseen">{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
