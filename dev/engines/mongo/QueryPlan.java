import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the documents of a query are looked for.
 *
 * @param index null for the map of documents, where no index helps
 * @param ranges of the index, in ascending order
 * @param isSorted whether the documents come in the order that is asked for
 */
record QueryPlan(OrderedIndex index, List<KeyRange> ranges, boolean isSorted, int score) {
  private static final KeyRange EVERYTHING = KeyRange.of(List.of());

  /** Returns the plan that narrows the query most: by equality of fields, then by a range, then by giving the order. */
  static QueryPlan of(List<Index<KeyValue>> indexes, Document query, Document orderBy) {
    QueryPlan best = new QueryPlan(null, List.of(EVERYTHING), orderBy.isEmpty(), -1);
    for (Index<KeyValue> each : indexes) {
      if (each instanceof OrderedIndex index && index.isComplete()) {
        QueryPlan plan = by(index, query, orderBy);
        best = plan.score > best.score ? plan : best;
      }
    }
    return best;
  }

  private static QueryPlan by(OrderedIndex index, Document query, Document orderBy) {
    List<String> fields = index.fields();
    List<Object> equal = new ArrayList<>();
    while (equal.size() < fields.size() && Bound.of(query, fields.get(equal.size())).isEquality()) {
      equal.add(Bound.of(query, fields.get(equal.size())).points().first());
    }
    Bound next = equal.size() < fields.size() ? Bound.of(query, fields.get(equal.size())) : Bound.NONE;
    boolean isSorted = givesOrder(fields, equal.size(), orderBy);
    int score = 4 * equal.size() + (next.narrows() ? 2 : 0) + (isSorted && !orderBy.isEmpty() ? 1 : 0);
    return new QueryPlan(index, ranges(equal, next), isSorted, score);
  }

  private static List<KeyRange> ranges(List<Object> equal, Bound next) {
    if (next.points() == null) {
      return List.of(new KeyRange(equal, next.low(), next.isAboveLow(), next.high()));
    }
    List<KeyRange> ranges = new ArrayList<>();
    for (Object point : next.points()) {
      List<Object> prefix = new ArrayList<>(equal);
      prefix.add(point);
      ranges.add(KeyRange.of(prefix));
    }
    return ranges;
  }

  /** Whether keys whose first `equal` fields are the same are in an order of documents. */
  private static boolean givesOrder(List<String> fields, int equal, Document orderBy) {
    Set<String> same = new HashSet<>(fields.subList(0, equal));
    int next = equal;
    for (Map.Entry<String, Object> order : orderBy.entrySet()) {
      if (same.contains(order.getKey())) {
        continue;
      }
      boolean ascending = order.getValue() instanceof Number direction && direction.intValue() == 1;
      if (!ascending || next == fields.size() || !fields.get(next).equals(order.getKey())) {
        return false;
      }
      next++;
    }
    return true;
  }
}
