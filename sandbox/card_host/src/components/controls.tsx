// What the user acts on: buttons, links, a choice.
import { useContext, useEffect, useId, useState, type ReactNode } from 'react';
import { ReaderContext } from '../reader';
import { classes, size } from './names';

interface ButtonProps {
  children?: ReactNode;
  testId?: string;
  variant?: string;
  size?: string;
  type?: 'button' | 'reset' | 'submit';
  disabled?: boolean;
  onClick?: (event: object, reactions: object) => void;
}

export function Button(props: ButtonProps): ReactNode {
  return <PlainButton {...props} loading={false} />;
}

export function LoadingButton({ loading = false, ...props }: ButtonProps & { loading?: boolean }): ReactNode {
  return <PlainButton {...props} loading={loading} />;
}

function PlainButton({ loading, children, testId, disabled, onClick, ...look }: ButtonProps & { loading: boolean }): ReactNode {
  const variant = look.variant ?? 'secondary';
  return (
    <button
      type={look.type ?? 'button'}
      className={`hs-button hs-button-${variant} hs-button-${size(look.size, 'md')}`}
      disabled={disabled || loading}
      aria-busy={loading || undefined}
      data-test-id={testId}
      onClick={() => onClick?.({}, {})}
    >
      {loading && <span className="hs-spinner hs-spinner-xs" aria-hidden="true" />}
      {children}
    </button>
  );
}

interface LinkProps {
  children?: ReactNode;
  testId?: string;
  href: string | { url: string; external?: boolean };
  onClick?: (event: object, reactions: object) => void;
}

export function Link({ href, children, testId, onClick }: LinkProps): ReactNode {
  const { url, external = true } = typeof href === 'string' ? { url: href } : href;
  const hint = useContext(ReaderContext) === 'fr' ? ' (nouvel onglet)' : ' (new tab)';
  return (
    <a
      className="hs-link"
      href={url}
      data-test-id={testId}
      onClick={() => onClick?.({}, {})}
      {...(external && { target: '_blank', rel: 'noopener noreferrer' })}
    >
      {children}
      {external && <ExternalMark />}
      {external && <span className="hs-hidden">{hint}</span>}
    </a>
  );
}

function ExternalMark(): ReactNode {
  return (
    <svg className="hs-external" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M4 2H2v8h8V8M6 2h4v4M10 2 5.5 6.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

interface Option {
  label: string;
  value: string;
  description?: string;
}

interface ToggleGroupProps {
  toggleType?: string;
  name: string;
  label: string;
  options: Option[];
  value?: string;
  onChange?: (value: string) => void;
  testId?: string;
}

export function ToggleGroup({ toggleType, name, label, options, value, onChange, testId }: ToggleGroupProps): ReactNode {
  const group = useId();
  // The card answers from another thread; the mark must not wait for it.
  const [marked, setMarked] = useState(value);
  useEffect(() => setMarked(value), [value]);
  const choose = (option: string) => {
    setMarked(option);
    onChange?.(option);
  };
  if (toggleType !== 'radioButtonList') throw new Error(`ToggleGroup ${toggleType} is not played`);
  return (
    <fieldset className="hs-choice" data-test-id={testId}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={classes('hs-option', option.value === marked && 'hs-option-chosen')}>
          <input
            type="radio"
            name={`${name}-${group}`}
            value={option.value}
            checked={option.value === marked}
            onChange={() => choose(option.value)}
          />
          <span>
            <span className="hs-option-label">{option.label}</span>
            {option.description && <span className="hs-option-description">{option.description}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
