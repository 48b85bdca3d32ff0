interface RegisterTableProps {
  readonly label: string;
  readonly rows: readonly { readonly name: string; readonly value: string; readonly isChanged?: boolean }[];
}

/** Registers and their values, in the machine's notation. */
export function RegisterTable({ label, rows }: RegisterTableProps) {
  return (
    <table className="register-table" aria-label={label}>
      <tbody>
        {rows.map(({ name, value, isChanged }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={isChanged ? 'changed' : undefined}>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
