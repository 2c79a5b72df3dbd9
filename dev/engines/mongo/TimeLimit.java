import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.concurrent.TimeUnit;

/** The limit `maxTimeMS` of the command that this thread executes. */
final class TimeLimit {
  /** In nanoseconds, by System.nanoTime; null for none. */
  private static final ThreadLocal<Long> DEADLINE = new ThreadLocal<>();

  private TimeLimit() {}

  static void start(Document command) {
    boolean limited = command.get("maxTimeMS") instanceof Number millis && millis.longValue() > 0;
    DEADLINE.set(limited ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(((Number) command.get("maxTimeMS")).longValue()) : null);
  }

  /** Ends a command that takes longer than its limit. */
  static void check() {
    Long deadline = DEADLINE.get();
    if (deadline != null && System.nanoTime() - deadline > 0) {
      throw new MongoServerError(50, "MaxTimeMSExpired", "operation exceeded time limit");
    }
  }
}
