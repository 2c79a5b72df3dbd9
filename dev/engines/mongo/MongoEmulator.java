import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVStore;

/**
 * The MongoDB emulator of a machine without mongod: mongo-java-server over one H2 MVStore file.
 *
 * <p>Arguments: file, host, port. Ends on SIGTERM after the last commit.
 */
public final class MongoEmulator {
  /** How long MVStore keeps overwritten chunks, in milliseconds; its default of 45 s lets the file grow with every write. */
  private static final int RETENTION_MILLIS = 1000;

  /** Commands after which the file has to hold what the answer acknowledges. */
  private static final Set<String> WRITES =
      Set.of("insert", "update", "delete", "findandmodify", "create", "createindexes", "drop", "dropindexes", "dropdatabase", "renamecollection");

  private MongoEmulator() {}

  public static void main(String[] arguments) {
    MVStore store = new MVStore.Builder().fileName(arguments[0]).open();
    store.setRetentionTime(RETENTION_MILLIS);
    MongoServer server = new MongoServer(new DurableBackend(store).version(new DriverVersion()));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind(arguments[1], Integer.parseInt(arguments[2]));
    System.out.println("MongoDB emulator (mongo-java-server) listens on " + arguments[1] + ":" + arguments[2]);
  }

  /** Commits before it answers a write: otherwise MVStore does so up to a second later, and kill -9 loses acknowledged writes. */
  private static final class DurableBackend extends H2Backend {
    private final MVStore store;

    DurableBackend(MVStore store) {
      super(store);
      this.store = store;
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      Document answer = super.handleMessage(message);
      String command = message.getDocument().keySet().iterator().next();
      if (WRITES.contains(command.toLowerCase())) {
        store.commit();
      }
      return answer;
    }
  }

  /** MongoDB 5.0 by what it can do; wire version 13 because drivers refuse the 8 that the library reports. */
  private static final class DriverVersion implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  }
}
