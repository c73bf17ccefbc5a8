import java.io.OutputStream;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local on 127.0.0.1 only: its own main binds every interface, and reports each start to its maker.
 *
 * <p>With a port it serves until stopped, keeping its data in the directory named second, or in memory. Without
 * arguments it takes a free port, prints its address and ends with its standard input.
 */
class LoopbackDynamoDB {
    public static void main(String[] arguments) throws Exception {
        int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0;
        String directory = arguments.length > 1 ? arguments[1] : null;
        var requests = new LocalDynamoDBRequestHandler(0, directory == null, directory, true, false);
        var server = new Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(new ContextHandler(new LocalDynamoDBServerHandler(requests, null)));
        server.start();
        System.out.printf("http://127.0.0.1:%d%n", ((ServerConnector) server.getConnectors()[0]).getLocalPort());
        if (port != 0) {
            server.join();
        }
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
