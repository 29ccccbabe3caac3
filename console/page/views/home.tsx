import { Search } from '../parts/search.tsx';

/** Where one begins: with what one holds. */
export function Home() {
  return (
    <section class="home">
      <h1>Which person did this to our cluster?</h1>
      <Search large />
    </section>
  );
}
