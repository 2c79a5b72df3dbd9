import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a query says about one field, as far as an index can use it; the query's filter decides.
 *
 * @param points the only values that match, in order; null if these are not known
 * @param low no smaller value matches; null for none
 * @param isAboveLow whether `low` itself does not match either
 * @param high no greater value matches; null for none
 */
record Bound(SortedSet<Object> points, Object low, boolean isAboveLow, Object high) {
  static final Bound NONE = new Bound(null, null, false, null);

  boolean isEquality() {
    return points != null && points.size() == 1;
  }

  boolean narrows() {
    return points != null || low != null || high != null;
  }

  static Bound of(Document query, String field) {
    if (!query.containsKey(field)) {
      return NONE;
    }
    Object condition = query.get(field);
    if (!(condition instanceof Document operators)) {
      return isPlain(condition) ? points(Collections.singletonList(condition)) : NONE;
    }
    if (operators.get("$in") instanceof Collection<?> values && values.stream().allMatch(Bound::isPlain)) {
      return points(values);
    }
    if (operators.containsKey("$eq") && isPlain(operators.get("$eq"))) {
      return points(Collections.singletonList(operators.get("$eq")));
    }
    Object above = plain(operators, List.of("$gt"));
    Object low = above == null ? plain(operators, List.of("$gte")) : above;
    return new Bound(null, low, above != null, plain(operators, List.of("$lt", "$lte")));
  }

  private static Bound points(Collection<?> values) {
    SortedSet<Object> points = new TreeSet<>(KeyType::compareValues);
    points.addAll(values);
    return new Bound(points, null, false, null);
  }

  private static Object plain(Document operators, List<String> names) {
    return names.stream().map(operators::get).filter(value -> value != null && isPlain(value)).findFirst().orElse(null);
  }

  private static boolean isPlain(Object value) {
    return !(value instanceof Map || value instanceof Collection || value instanceof BsonRegularExpression);
  }
}
